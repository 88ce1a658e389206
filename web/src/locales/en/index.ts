/** English: all the words of the client in one piece. */
import first from './first';
import rest from './rest';

export default { ...first, ...rest };
