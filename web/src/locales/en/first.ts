/** English: what the first room says. */
import app from './app.json';
import composer from './composer.json';
import rooms from './rooms.json';
import timeline from './timeline.json';
import ui from './ui.json';

export default { ...app, ...composer, ...rooms, ...timeline, ...ui };
