/** What some keys of the page do that are pressed now and then. It comes with the first of them, or at idle. */
import { markRead } from '../net';
import { isUnread, myRooms, useChat } from '../state';

export { moveLandmark } from '../lib/keys/landmarks';

/** A server that hears too much at once refuses the rest: beyond so many read marks, one by one. */
const AT_ONCE = 20;
const EACH_MS = 100;

/** Nothing is new any more, in any room. */
export function readAll(): void {
  const unread = myRooms(useChat.getState().rooms).filter(isUnread);
  for (const [at, room] of unread.entries()) {
    setTimeout(() => markRead(room.id, room.last_seq), Math.max(0, at - AT_ONCE) * EACH_MS);
  }
}
