/** What is done to rooms themselves, and to who sits in them. It comes with what draws that, behind the first room. */
import type { Role, Room, User } from '../gen/wire';
import { newId } from '../lib/ids';
import { useChat } from '../state';
import { call } from './api';
import { forgetRoom, learnRoom } from './live';

const at = (id: number) => ({ path: { id } });
const seatAt = (id: number, user_id: number) => ({ path: { id, user_id } });

/** The room that was asked for and has not been answered: asked for again, it is the same one. */
let wantedRoom: { readonly body: string; readonly client_id: string } | undefined;

export async function createRoom(body: { name: string; description?: string; is_private?: boolean }): Promise<Room> {
  const words = JSON.stringify(body);
  if (wantedRoom?.body !== words) wantedRoom = { body: words, client_id: newId() };
  const room = await call('post', '/api/rooms', { body: { ...body, client_id: wantedRoom.client_id } });
  wantedRoom = undefined;
  learnRoom({ ...room, my_role: room.my_role ?? 'owner' });
  return room;
}

export async function deleteRoom(roomId: number): Promise<void> {
  await call('delete', '/api/rooms/{id}', at(roomId));
  forgetRoom(roomId);
}

export async function editRoom(
  roomId: number,
  change: { name?: string; description?: string; is_private?: boolean },
): Promise<void> {
  const { name, description, is_private } = await call('put', '/api/rooms/{id}', {
    ...at(roomId),
    body: change,
  });
  useChat.setState((chat) => {
    const room = chat.rooms[roomId];
    return room ? { rooms: { ...chat.rooms, [roomId]: { ...room, name, description, is_private } } } : chat;
  });
}

export async function seatMember(roomId: number, user: User, role: Role): Promise<void> {
  const member = await call('put', '/api/rooms/{id}/members/{user_id}', { ...seatAt(roomId, user.id), body: { role } });
  useChat.setState((chat) => {
    const held = chat.members[roomId];
    if (!held) return chat;
    const rest = held.filter((row) => row.user.id !== user.id);
    return { members: { ...chat.members, [roomId]: [...rest, { ...member, user, role }] } };
  });
}

export async function kickMember(roomId: number, userId: number): Promise<void> {
  await call('delete', '/api/rooms/{id}/members/{user_id}', seatAt(roomId, userId));
}

export async function joinRoom(roomId: number): Promise<Room> {
  const room = await call('post', '/api/rooms/{id}/join', at(roomId));
  learnRoom({ ...room, my_role: room.my_role ?? 'member' });
  return room;
}

export async function leaveRoom(roomId: number): Promise<void> {
  await call('post', '/api/rooms/{id}/leave', at(roomId));
  forgetRoom(roomId);
}
