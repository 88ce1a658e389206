/**
 * A frame becomes a change of the world: pure, and exhaustive over everything the server may say.
 * Order and gaps are not judged here; `net/live` lets only the next position of a room through.
 */
import type { FrameOf, Message, Room, ServerFrame, User } from '../gen/wire';
import { cover, EMPTY_LOG, revise } from './log';
import type { Chat, Person, PresenceMap, Typing, World } from './world';

export interface Context {
  /** My own id. */
  readonly me: number;
  /** Now, in ms. */
  readonly now: number;
  /** How long a `typing` holds. */
  readonly typingMs: number;
}

export function apply(world: World, frame: ServerFrame, context: Context): World {
  switch (frame.type) {
    case 'welcome':
      return world.chat.epoch === frame.epoch ? world : { ...world, chat: welcomed(world.chat, frame.epoch) };
    case 'text':
      return {
        ...world,
        chat: posted(world.chat, rowOfText(frame), context),
        typing: stoppedTyping(world.typing, frame.room_id, frame.user_id),
      };
    case 'system':
      return { ...world, chat: seatsChanged(posted(world.chat, rowOfSystem(frame), context), frame) };
    case 'edit':
      return { ...world, chat: edited(world.chat, frame) };
    case 'recall':
      return { ...world, chat: recalled(world.chat, frame) };
    case 'read':
      return { ...world, chat: read(world.chat, frame) };
    case 'room':
      return { ...world, chat: roomChanged(world.chat, frame) };
    case 'member':
      return { ...world, chat: roleChanged(world.chat, frame, context.me) };
    case 'userlist':
      return { ...world, presence: listed(world.presence, frame), chat: introduced(world.chat, frame.users) };
    case 'presence':
      return { ...world, presence: presenceChanged(world.presence, frame), chat: introduced(world.chat, [frame]) };
    case 'typing':
      return { ...world, typing: startedTyping(world.typing, frame, context) };
    // The connection's own affairs: the outbox and the cursors hear of these, the world does not change.
    case 'ack':
    case 'error':
    case 'pong':
    case 'synced':
    case 'resync':
      return world;
    default:
      return unknown(frame, world);
  }
}

/** A newer server may say what this client does not know yet; the type still proves that nothing known is forgotten. */
function unknown(_frame: never, world: World): World {
  return world;
}

/** Positions of another epoch mean nothing: what was held of the logs is let go. */
function welcomed(chat: Chat, epoch: number): Chat {
  return chat.epoch === null ? { ...chat, epoch } : { ...chat, epoch, logs: {}, cursors: {}, counted: {} };
}

export function rowOfText(frame: FrameOf<'text'>): Message {
  return {
    id: frame.message_id,
    room_id: frame.room_id,
    seq: frame.seq,
    user_id: frame.user_id,
    username: frame.username,
    type: 'text',
    content: frame.content,
    created_at: frame.timestamp,
    mentions: frame.mentions ?? [],
    mentions_room: frame.mentions_room ?? false,
    guest: frame.guest ?? false,
    ...(frame.edited_at ? { edited_at: frame.edited_at } : {}),
    ...(frame.recalled_at ? { recalled_at: frame.recalled_at } : {}),
    ...(frame.client_id ? { client_id: frame.client_id } : {}),
    ...(frame.reply_to ? { reply_to: frame.reply_to } : {}),
  };
}

function rowOfSystem(frame: FrameOf<'system'>): Message {
  return {
    id: frame.message_id,
    room_id: frame.room_id,
    seq: frame.seq,
    user_id: frame.user_id,
    username: frame.username,
    type: 'system',
    content: frame.content,
    created_at: frame.timestamp,
    mentions: [],
    mentions_room: false,
    guest: false,
    event: frame.event,
    ...(frame.actor_id ? { actor_id: frame.actor_id } : {}),
    ...(frame.room_name ? { room_name: frame.room_name } : {}),
  };
}

function posted(chat: Chat, row: Message, { me }: Context): Chat {
  const room = chat.rooms[row.room_id];
  const counts =
    room &&
    row.type === 'text' &&
    row.user_id !== me &&
    !row.recalled_at &&
    row.seq > (chat.counted[row.room_id] ?? 0) &&
    row.seq > (room.read_seq ?? 0);
  const named = counts && (row.mentions.includes(me) || row.mentions_room);
  return withUser(
    {
      ...chat,
      cursors: { ...chat.cursors, [row.room_id]: row.seq },
      logs: {
        ...chat.logs,
        [row.room_id]: cover(chat.logs[row.room_id] ?? EMPTY_LOG, { from: row.seq, to: row.seq, rows: [row] }),
      },
      rooms: room
        ? {
            ...chat.rooms,
            [row.room_id]: {
              ...room,
              last_seq: Math.max(room.last_seq, row.seq),
              last_message: row,
              unread: (room.unread ?? 0) + (counts ? 1 : 0),
              mentions: (room.mentions ?? 0) + (named ? 1 : 0),
            },
          }
        : chat.rooms,
    },
    row.user_id,
    row.username,
  );
}

/** A change that is no message still takes its place in the log. */
function moved(chat: Chat, roomId: number, seq: number): Chat {
  const room = chat.rooms[roomId];
  return {
    ...chat,
    cursors: { ...chat.cursors, [roomId]: seq },
    logs: { ...chat.logs, [roomId]: cover(chat.logs[roomId] ?? EMPTY_LOG, { from: seq, to: seq, rows: [] }) },
    rooms: room ? { ...chat.rooms, [roomId]: { ...room, last_seq: Math.max(room.last_seq, seq) } } : chat.rooms,
  };
}

function withUser(chat: Chat, id: number, username: string): Chat {
  if (id === 0 || username === '' || chat.users[id]?.username === username) return chat;
  return { ...chat, users: { ...chat.users, [id]: { ...chat.users[id], id, username } } };
}

function seatsChanged(chat: Chat, frame: FrameOf<'system'>): Chat {
  const came = frame.event === 'user_joined' || frame.event === 'user_added';
  const went = frame.event === 'user_left' || frame.event === 'user_kicked';
  if (!came && !went) return chat;
  const room = chat.rooms[frame.room_id];
  const held = chat.members[frame.room_id];
  const seated = held?.some((member) => member.user.id === frame.user_id);
  const members =
    held &&
    (went
      ? held.filter((member) => member.user.id !== frame.user_id)
      : seated
        ? held
        : [
            ...held,
            {
              room_id: frame.room_id,
              role: 'member' as const,
              joined_at: frame.timestamp,
              user: completed(chat.users[frame.user_id] ?? { id: frame.user_id, username: frame.username }),
            },
          ]);
  const step = came ? 1 : -1;
  const uncounted = frame.seq > (chat.counted[frame.room_id] ?? 0);
  return {
    ...chat,
    members: members ? { ...chat.members, [frame.room_id]: members } : chat.members,
    rooms:
      room && uncounted
        ? { ...chat.rooms, [frame.room_id]: { ...room, member_count: Math.max(0, room.member_count + step) } }
        : chat.rooms,
  };
}

function completed(person: Person): User {
  return {
    display_name: '',
    bio: '',
    status_text: '',
    is_online: false,
    presence: 'offline',
    created_at: '',
    deactivated: false,
    ...person,
  };
}

function edited(chat: Chat, frame: FrameOf<'edit'>): Chat {
  const after = moved(chat, frame.room_id, frame.seq);
  const change = (row: Message): Message => {
    if (row.id === frame.message_id) {
      return {
        ...row,
        content: frame.content,
        edited_at: frame.timestamp,
        mentions: frame.mentions ?? [],
        mentions_room: frame.mentions_room ?? false,
      };
    }
    return quoting(row, frame.message_id, { content: [...frame.content].slice(0, 200).join('') });
  };
  return revised(after, frame.room_id, change);
}

function recalled(chat: Chat, frame: FrameOf<'recall'>): Chat {
  const after = moved(chat, frame.room_id, frame.seq);
  const change = (row: Message): Message => {
    if (row.id === frame.message_id) {
      return { ...row, content: '', recalled_at: frame.timestamp, mentions: [], mentions_room: false };
    }
    return quoting(row, frame.message_id, { content: '', recalled: true });
  };
  return revised(after, frame.room_id, change);
}

function quoting(row: Message, quoted: number, change: { content: string; recalled?: boolean }): Message {
  if (row.reply_to?.message_id !== quoted) return row;
  return { ...row, reply_to: { ...row.reply_to, ...change } };
}

function revised(chat: Chat, roomId: number, change: (row: Message) => Message): Chat {
  const log = chat.logs[roomId];
  const room = chat.rooms[roomId];
  const last = room?.last_message && change(room.last_message);
  return {
    ...chat,
    logs: log ? { ...chat.logs, [roomId]: revise(log, change) } : chat.logs,
    rooms:
      room && last && last !== room.last_message
        ? { ...chat.rooms, [roomId]: { ...room, last_message: last } }
        : chat.rooms,
  };
}

function read(chat: Chat, frame: FrameOf<'read'>): Chat {
  const room = chat.rooms[frame.room_id];
  if (!room) return chat;
  const next: Room = {
    ...room,
    unread: frame.unread ?? 0,
    mentions: frame.mentions ?? 0,
    read_seq: Math.max(room.read_seq ?? 0, frame.seq),
  };
  return { ...chat, rooms: { ...chat.rooms, [frame.room_id]: next } };
}

function roomChanged(chat: Chat, frame: FrameOf<'room'>): Chat {
  const after = frame.seq ? moved(chat, frame.room_id, frame.seq) : chat;
  switch (frame.event) {
    case 'updated': {
      const room = after.rooms[frame.room_id];
      if (!room || !frame.room) return after;
      const { name, description, is_private, updated_at } = frame.room;
      return {
        ...after,
        rooms: { ...after.rooms, [frame.room_id]: { ...room, name, description, is_private, updated_at } },
      };
    }
    case 'added':
      return frame.room ? withRoom(after, frame.room) : after;
    case 'removed':
    case 'deleted':
      return withoutRoom(after, frame.room_id);
    default:
      return after;
  }
}

/** Takes a room as the server just told it, with its counts and its head. */
export function withRoom(chat: Chat, room: Room): Chat {
  const people = room.peers ?? [];
  return {
    ...chat,
    rooms: { ...chat.rooms, [room.id]: { ...room, peers: people } },
    counted: { ...chat.counted, [room.id]: room.last_seq },
    users:
      people.length === 0
        ? chat.users
        : { ...chat.users, ...Object.fromEntries(people.map((user) => [user.id, user])) },
  };
}

export function withoutRoom(chat: Chat, roomId: number): Chat {
  const without = <T>(map: Readonly<Record<number, T>>): Readonly<Record<number, T>> => {
    const { [roomId]: _gone, ...rest } = map;
    return rest;
  };
  return {
    ...chat,
    rooms: without(chat.rooms),
    logs: without(chat.logs),
    cursors: without(chat.cursors),
    counted: without(chat.counted),
    members: without(chat.members),
  };
}

function roleChanged(chat: Chat, frame: FrameOf<'member'>, me: number): Chat {
  const after = moved(chat, frame.room_id, frame.seq);
  const held = after.members[frame.room_id];
  const room = after.rooms[frame.room_id];
  return {
    ...after,
    members: held
      ? {
          ...after.members,
          [frame.room_id]: held.map((member) =>
            member.user.id === frame.user_id ? { ...member, role: frame.role } : member,
          ),
        }
      : after.members,
    rooms:
      room && frame.user_id === me
        ? { ...after.rooms, [frame.room_id]: { ...room, my_role: frame.role } }
        : after.rooms,
  };
}

function introduced(chat: Chat, people: readonly { user_id: number; username: string }[]): Chat {
  return people.reduce((held, person) => withUser(held, person.user_id, person.username), chat);
}

function listed(presence: PresenceMap, frame: FrameOf<'userlist'>): PresenceMap {
  const people = { ...presence.people };
  for (const user of frame.users) people[user.user_id] = { ...people[user.user_id], presence: user.presence };
  return {
    people,
    here: {
      ...presence.here,
      [frame.room_id]: { users: frame.users.map((user) => user.user_id), total: frame.total },
    },
  };
}

function presenceChanged(presence: PresenceMap, frame: FrameOf<'presence'>): PresenceMap {
  return {
    ...presence,
    people: {
      ...presence.people,
      [frame.user_id]: { presence: frame.status, lastSeen: frame.last_seen ?? undefined },
    },
  };
}

function startedTyping(typing: Typing, frame: FrameOf<'typing'>, context: Context): Typing {
  if (frame.user_id === context.me) return typing;
  return {
    rooms: {
      ...typing.rooms,
      [frame.room_id]: {
        ...typing.rooms[frame.room_id],
        [frame.user_id]: { username: frame.username, until: context.now + context.typingMs },
      },
    },
  };
}

function stoppedTyping(typing: Typing, roomId: number, userId: number): Typing {
  const room = typing.rooms[roomId];
  if (!room?.[userId]) return typing;
  const { [userId]: _gone, ...rest } = room;
  return { rooms: { ...typing.rooms, [roomId]: rest } };
}
