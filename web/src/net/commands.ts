/** What a person can do, as the views call it. Each is one step to the server; the answer comes back as frames or state. */
import type { MessageType, ReplyQuote, Room, User } from '../gen/wire';
import { newId } from '../lib/ids';
import { claimUploads, type Place, parsePlace, roomOf, type Send, useChat, useSession } from '../state';
import { countAllRead } from '../state/counts';
import { http } from './http';
import { hint, learnRoom, refreshRooms, sendReadMark, steps } from './live';
import { learnPresence } from './members';

const TYPING_EVERY_MS = 3000;
const lastTyping = new Map<number, number>();

/** What every step begins with. */
const begun = (place: Place) => ({
  id: newId(),
  room_id: roomOf(place),
  thread: parsePlace(place)?.thread,
  created_at: new Date().toISOString(),
  state: 'queued' as const,
});

/** Shown at once, sent when it can be, with the files of the tray. */
export function sendText(place: Place, content: string, reply?: ReplyQuote): void {
  send(place, { content, reply_to: reply });
}

/** Sends these uploads alone, as what they are. */
export function sendUploads(
  place: Place,
  only: readonly string[],
  message_type?: MessageType,
  reply_to?: ReplyQuote,
): void {
  send(place, { content: '', message_type, reply_to }, only);
}

function send(place: Place, said: Pick<Send, 'content' | 'reply_to' | 'message_type'>, only?: readonly string[]): void {
  const { me } = useSession.getState();
  if (!me) return;
  lastTyping.delete(roomOf(place));
  const step = begun(place);
  const attachments = claimUploads(place, step.id, only);
  const files = attachments.length > 0 ? { attachments } : {};
  steps.add({ ...step, kind: 'send', user_id: me.id, ...said, ...files });
}

/** Shown at once, told to the server when it can be. */
export function editText(place: Place, messageId: number, content: string): void {
  steps.add({ ...begun(place), kind: 'edit', message_id: messageId, content });
}

export function recall(place: Place, messageId: number): void {
  steps.add({ ...begun(place), kind: 'recall', message_id: messageId });
}

/** Of a step that was refused. */
export const retryStep = (id: string) => steps.retry(id);
/** True where it was let go of: what is on its way is not. */
export const discardStep = (id: string) => steps.discard(id);

/** Everything up to `seq` was seen. Shown as read at once; the server's `read` frame has the last word. */
export function markRead(roomId: number, seq: number): void {
  const room = useChat.getState().rooms[roomId];
  if (!room?.my_role || (room.read_seq ?? 0) >= seq) return;
  useChat.setState((chat) => countAllRead(chat, roomId, seq), true);
  sendReadMark(roomId, seq);
}

/** At most one frame in a while, however fast the keys. */
export function tellTyping(roomId: number): void {
  const now = Date.now();
  if (now - (lastTyping.get(roomId) ?? 0) < TYPING_EVERY_MS) return;
  lastTyping.set(roomId, now);
  hint({ type: 'typing', room_id: roomId });
}

export function setPresence(status: 'online' | 'away'): void {
  hint({ type: 'presence', status });
}

/** Looks at a room that is not mine (a public one), or learns one that is new. */
export async function lookAtRoom(roomId: number): Promise<Room> {
  const room = await http.room(roomId);
  learnRoom(room);
  return room;
}

/** The conversation with a person, made on first use. */
export async function openDirect(userId: number): Promise<Room> {
  const room = await http.direct(userId);
  learnRoom({ ...room, my_role: room.my_role ?? 'member' });
  if (!room.peers?.length) await refreshRooms();
  return room;
}

/** A person as the server knows them now. */
export async function loadUser(id: number): Promise<User> {
  const user = await http.user(id);
  useChat.setState((chat) => ({ users: { ...chat.users, [id]: user } }));
  learnPresence([user]);
  return user;
}

/** Takes my own profile as the server just answered it. */
export function learnMe(user: User): void {
  useSession.setState((session) => ({ me: { ...session.me, ...user } }));
  useChat.setState((chat) => ({ users: { ...chat.users, [user.id]: user } }));
}
