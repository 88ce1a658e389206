/**
 * A room as an answer over HTTP tells it, beside what the socket has told since. It is pure.
 */
import type { Room } from '../gen/wire';
import { withRoom } from './apply';
import { spanAt } from './log';
import { placeOf } from './place';
import type { World } from './world';

/** An answer may be older than what the socket has told since: counts of a room that moved on are kept. */
export function admitRoom(chat: World['chat'], room: Room): World['chat'] {
  const cursor = chat.cursors[room.id];
  const held = chat.rooms[room.id];
  if (held?.my_role && cursor !== undefined && cursor > room.last_seq) return chat;
  const next = withRoom(chat, room);
  return cursor === undefined && room.my_role
    ? { ...next, cursors: { ...next.cursors, [room.id]: startOf(chat, room) } }
    : next;
}

/** Where listening begins: at the head, or where the reading ended of who looked before the room was theirs. */
export function startOf({ logs }: World['chat'], room: Room): number {
  const read = spanAt(logs[placeOf(room.id)] ?? [], 'latest');
  return read ? Math.min(read.to, room.last_seq) : room.last_seq;
}
