/** English: what is said by everything that opens later. */
import auth from './auth.json';
import docs from './docs.json';
import keys from './keys.json';
import kit from './kit.json';
import members from './members.json';
import profile from './profile.json';
import quickSwitch from './quickSwitch.json';
import settings from './settings.json';

export default { ...auth, ...docs, ...keys, ...kit, ...members, ...profile, ...quickSwitch, ...settings };
