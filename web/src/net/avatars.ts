/** The pictures that stand for people and rooms: one of the drawn set, or one of their own. It comes with what draws that. */
import type { Room, User } from '../gen/wire';
import type { DrawnAvatar } from '../lib/avatars';
import { useChat, useSession } from '../state';
import { call } from './api';
import { carry } from './carry';
import { learnMe } from './commands';

/** Whose picture it is. */
export interface AvatarOwner {
  readonly kind: 'user' | 'room';
  readonly id: number;
}

const at = (id: number) => ({ path: { id } });

export async function pickAvatar({ kind, id }: AvatarOwner, drawn: DrawnAvatar): Promise<void> {
  if (kind === 'user') learnUser(await call('put', '/api/users/{id}/avatar', { ...at(id), body: { drawn } }));
  else learnPicture(await call('put', '/api/rooms/{id}/avatar', { ...at(id), body: { drawn } }));
}

export async function removeAvatar({ kind, id }: AvatarOwner): Promise<void> {
  if (kind === 'user') learnUser(await call('delete', '/api/users/{id}/avatar', at(id)));
  else learnPicture(await call('delete', '/api/rooms/{id}/avatar', at(id)));
}

/** `onSent` hears which part of it has gone out, from 0 to 1. */
export async function uploadAvatar(
  { kind, id }: AvatarOwner,
  picture: Blob,
  onSent: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const body = new FormData();
  body.append('file', picture, 'avatar');
  const { text } = await carry('PUT', `/api/${kind}s/${id}/avatar`, {
    body,
    signal,
    // What surrounds the part on its way is counted, too.
    onSent: (count) => onSent(Math.min(1, count / picture.size)),
  });
  const { data } = JSON.parse(text);
  if (kind === 'user') learnUser(data);
  else learnPicture(data);
}

function learnUser(user: User): void {
  if (user.id === useSession.getState().me?.id) learnMe(user);
  else useChat.setState((chat) => ({ users: { ...chat.users, [user.id]: user } }));
}

/** Only the picture: what else is told of a room has its place in the room's log. */
function learnPicture({ id, avatar_url }: Room): void {
  useChat.setState((chat) => {
    const room = chat.rooms[id];
    return room ? { rooms: { ...chat.rooms, [id]: { ...room, avatar_url } } } : chat;
  });
}
