/** Coming in by a door: from a login, a registration or the set-up to the live page. */
import type { User } from '../gen/wire';
import { ApiError, http } from '../net';
import { begin, end, restore } from '../net/live';
import { tellTabs } from '../net/tabs';
import { useSession } from '../state';
import { noteSession } from './last-session';
import { adoptLook } from './look';
import { liveDeps } from './session';

/** After a login, a registration or the set-up: the cookie is there. */
export async function enter(user: User): Promise<void> {
  const { me } = useSession.getState();
  if (me && me.id !== user.id) await end();
  const whole = await proven(user);
  if (!me) await restore(user.id);
  adoptLook(whole.theme, whole.locale);
  await begin(whole, liveDeps);
  tellTabs({ type: 'entered', user: user.id });
  noteSession('yes');
}

/** The account with its settings, which the answer to a login has not. A login without a cookie is none for a page. */
async function proven(user: User): Promise<User> {
  try {
    return await http.me();
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) throw new ApiError(401, 'no_cookie', error.message);
    return user;
  }
}
