/** English: all the words of the client in one piece. */
import first from './first.json';
import rest from './rest.json';

export default { ...first, ...rest };
