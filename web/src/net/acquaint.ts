/**
 * Whoever is drawn is drawn by their name. Frames and rows tell only the username of somebody this page has not met (who joined while it
 * was away, who is not among the members that are here): the rest is asked for, once of each, one after the other.
 */

import { Wait } from '../lib/wait';
import { placesOf, roomOf, useChat, useTyping } from '../state';
import { loadUser } from './commands';
import { ApiError } from './http';

/** Somebody new seldom comes alone. */
const PAUSE_MS = 200;
/** Asked for in one go; the others after another pause. */
const MOST = 30;

/** Those of the rooms that are open here of whom no more is known than how they log in. */
function strangers(): number[] {
  const { users, logs, messages, members } = useChat.getState();
  const ids = new Set(Object.values(useTyping.getState().rooms).flatMap((room) => Object.keys(room).map(Number)));
  for (const place of placesOf(logs)) {
    const room = roomOf(place);
    for (const { user } of members[room] ?? []) ids.add(user.id);
    for (const message of Object.values(messages[room] ?? {})) {
      for (const id of [message.user_id, message.actor_id, message.reply_to?.user_id]) if (id) ids.add(id);
    }
  }
  return [...ids].filter((id) => id > 0 && users[id]?.display_name === undefined);
}

export function acquaint(): void {
  const asked = new Set<number>();
  const wait = new Wait();
  let asking = false;

  const ask = async () => {
    if (asking) return;
    asking = true;
    let away = false;
    const due = strangers().filter((id) => !asked.has(id));
    for (const id of due.slice(0, MOST)) {
      asked.add(id);
      try {
        await loadUser(id);
      } catch (cause) {
        if (!(cause instanceof ApiError && cause.unreachable)) continue;
        // Without a line nobody is asked for until something is heard again.
        asked.delete(id);
        away = true;
        break;
      }
    }
    asking = false;
    if (due.length > MOST && !away) soon();
  };
  const soon = () => wait.start(PAUSE_MS, () => void ask());

  useChat.subscribe((chat, before) => {
    if (chat.users !== before.users || chat.members !== before.members || chat.logs !== before.logs) soon();
  });
  useTyping.subscribe(soon);
  soon();
}
