/** Questions the views ask of the state. Pure functions; hooks take them as selectors. */
import type { Member, Message, ReplyQuote, Role, Room, User } from '../gen/wire';
import type { Chat, Person, PresenceMap } from './world';
import { isText, nameOf } from './world';

/** When the room last moved, for sorting: its newest message, or its birth. */
function movedAt(room: Room): string {
  return room.last_message?.created_at ?? room.created_at;
}

/** The rooms I am in, newest first. */
export function myRooms(rooms: Readonly<Record<number, Room>>): readonly Room[] {
  return Object.values(rooms)
    .filter((room) => room.my_role)
    .map((room) => ({ room, at: movedAt(room) }))
    .sort((a, b) => (a.at === b.at ? b.room.id - a.room.id : a.at < b.at ? 1 : -1))
    .map(({ room }) => room);
}

/** What to call a room: its name, or the other people of a direct conversation. */
export function titleOf(room: Room, users: Readonly<Record<number, Person>>, me?: User | null): string {
  if (room.kind === 'room') return room.name;
  const names = room.peers.map((peer) => nameOf(users[peer.id] ?? peer)).filter(Boolean);
  return names.length > 0 ? names.join(', ') : nameOf(me ?? undefined);
}

/** The one other person of a direct conversation of two. */
export function peerOf(room: Room): User | undefined {
  return room.kind === 'direct' && room.peers.length === 1 ? room.peers[0] : undefined;
}

/** The picture that stands for a room: its own, or that of the one other person. */
export function pictureOf(room: Room, users: Readonly<Record<number, Person>>): string | undefined {
  const peer = peerOf(room);
  return peer ? (users[peer.id]?.avatar_url ?? peer.avatar_url) : room.avatar_url;
}

/** What a message that is answered has to show without words: the name of its file, where that is here. */
export function fileOfQuote(chat: Chat, roomId: number, quote: ReplyQuote | null | undefined): string | undefined {
  if (quote?.message_type !== 'file') return undefined;
  return chat.messages[roomId]?.[quote.message_id]?.attachments[0]?.file_name;
}

export function isUnread(room: Room): boolean {
  return (room.unread ?? 0) > 0;
}

/** What deserves a number: messages that name me, and everything in a direct conversation. */
export function countOf(room: Room): number {
  return room.kind === 'direct' ? (room.unread ?? 0) : (room.mentions ?? 0);
}

export function unreadTotals(rooms: Readonly<Record<number, Room>>): { count: number; any: boolean } {
  let count = 0;
  let any = false;
  for (const room of Object.values(rooms)) {
    if (!room.my_role) continue;
    count += countOf(room);
    any ||= isUnread(room);
  }
  return { count, any };
}

const RANK: Record<Role, number> = { member: 0, admin: 1, owner: 2 };

/** Whether a role, if there is one, reaches at least another. */
export function atLeast(role: Role | null | undefined, least: Role): boolean {
  return role != null && RANK[role] >= RANK[least];
}

/** An admin may act on members, an owner on everybody; nobody on themselves here (that is leaving). */
export function mayManage(mine: Role | null | undefined, member: Member, me: number | undefined): boolean {
  if (member.user.id === me || mine == null) return false;
  return mine === 'owner' || (mine === 'admin' && member.role === 'member');
}

/**
 * Whether the server takes a recall of this message from this person (`may_recall_message` there). Owners and admins are the
 * first that a room tells of: who is not among those that are here is a member or gone.
 */
export function mayRecall(chat: Chat, me: User | null, message: Message): boolean {
  const room = chat.rooms[message.room_id];
  if (!room || !me || message.recalled_at || !isText(message)) return false;
  if (message.user_id === me.id && room.my_role) return true;
  if (room.kind === 'direct') return false;
  if (me.is_admin || room.my_role === 'owner') return true;
  const author = chat.members[room.id]?.find((member) => member.user.id === message.user_id);
  return room.my_role === 'admin' && chat.members[room.id] !== undefined && (author?.role ?? 'member') === 'member';
}

/** Whose faces stand for those who are here: who was told of with the list, and members known otherwise, as far as they are here. */
export function facesOf(
  told: readonly number[],
  members: readonly Member[],
  people: PresenceMap['people'],
  users: Readonly<Record<number, Person>>,
): readonly Person[] {
  const ids = new Set([...told, ...members.map(({ user }) => user.id)]);
  return [...ids].flatMap((id) => {
    const person = users[id];
    return person && (people[id]?.presence ?? 'offline') !== 'offline' ? [person] : [];
  });
}
