/** English: what is said by everything that opens later. */
import auth from './auth.json';
import avatars from './avatars.json';
import connection from './connection.json';
import crop from './crop.json';
import deskMenu from './deskMenu.json';
import docs from './docs.json';
import emoji from './emoji.json';
import ended from './ended.json';
import field from './field.json';
import fileList from './fileList.json';
import files from './files.json';
import keys from './keys.json';
import kit from './kit.json';
import leftovers from './leftovers.json';
import media from './media.json';
import members from './members.json';
import profile from './profile.json';
import quickSwitch from './quickSwitch.json';
import roomDialogs from './roomDialogs.json';
import settings from './settings.json';

export default {
  ...auth,
  ...avatars,
  ...connection,
  ...crop,
  ...deskMenu,
  ...docs,
  ...emoji,
  ...ended,
  ...field,
  ...fileList,
  ...files,
  ...keys,
  ...kit,
  ...leftovers,
  ...media,
  ...members,
  ...profile,
  ...quickSwitch,
  ...roomDialogs,
  ...settings,
};
