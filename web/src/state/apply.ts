/**
 * A frame becomes a change of the world: pure, by one table that holds everything the server may say.
 * Order and gaps are not judged here; `net/live` lets only the next position of a room through.
 */
import type { FrameOf, Message, Room, ServerFrame, User } from '../gen/wire';
import { countChanged, countedUpTo, countPosted, countRead } from './counts';
import { advance, close, quotesOf, revise } from './messages';
import { placesIn } from './place';
import { type Chat, EMPTY_CHAT, OWN_LOG, type Person, type PresenceMap, type Typing, type World } from './world';

export interface Context {
  /** My own id. */
  readonly me: number;
  /** Now, in ms. */
  readonly now: number;
  /** How long a `typing` holds. */
  readonly typingMs: number;
}

/** How a frame changes the world. */
type Handler<F> = (world: World, frame: F, context: Context) => World;

interface Rule<F> {
  /** The place that such a frame takes in a log, if it takes one. */
  readonly position: (frame: F) => Position | undefined;
  readonly handle: Handler<F>;
}

/** For a frame that moves one's own log, which no other rule may take. */
interface OwnRule<F> extends Rule<F> {
  readonly own: true;
}

/** Of what happened in a room. */
const logged = <F>(handle: Handler<F>): Rule<F> => ({ position: numbersOf, handle });
/** Of what happened to me alone. */
const own = <F extends { own_seq: number }>(handle: Handler<F>): OwnRule<F> => ({
  own: true,
  position: (frame) => ({ room_id: OWN_LOG, seq: frame.own_seq }),
  handle: (world, frame, context) => handle({ ...world, chat: ownMoved(world.chat, frame.own_seq) }, frame, context),
});
/** Of what no log has. */
const told = <F>(handle: Handler<F>): Rule<F> => ({ position: () => undefined, handle });
/** The connection's own affairs: the queue and the cursors hear of these, the world does not change. */
const ELSEWHERE: Rule<unknown> = told((world) => world);

/** Every frame the server may say: one that is forgotten here does not compile. */
const RULES: {
  readonly [T in ServerFrame['type']]: FrameOf<T> extends { own_seq: number } ? OwnRule<FrameOf<T>> : Rule<FrameOf<T>>;
} = {
  welcome: told((world, frame) =>
    world.chat.epoch === frame.epoch ? world : { ...world, chat: welcomed(world.chat, frame.epoch) },
  ),
  text: logged((world, frame, context) => ({
    ...world,
    chat: posted(world.chat, rowOfText(frame), context),
    typing: stoppedTyping(world.typing, frame.room_id, frame.user_id),
  })),
  system: logged((world, frame, context) => ({
    ...world,
    chat: seatsChanged(posted(world.chat, rowOfSystem(frame), context), frame),
    presence: listChanged(world.presence, frame),
  })),
  edit: logged((world, frame, { me }) => ({ ...world, chat: edited(countChanged(world.chat, frame, me), frame) })),
  recall: logged((world, frame, { me }) => ({ ...world, chat: recalled(countChanged(world.chat, frame, me), frame) })),
  member: logged((world, frame, { me }) => ({ ...world, chat: roleChanged(world.chat, frame, me) })),
  room: logged((world, frame) => ({ ...world, chat: roomChanged(world.chat, frame) })),
  read: own((world, frame) => ({ ...world, chat: countRead(world.chat, frame) })),
  userlist: told((world, frame) => ({
    ...world,
    presence: listed(world.presence, frame),
    chat: introduced(world.chat, frame.users),
  })),
  profile: told((world, { user }) => (user ? { ...world, chat: seenAs(world.chat, user) } : world)),
  presence: told((world, frame) => ({
    ...world,
    presence: presenceChanged(world.presence, frame),
    chat: introduced(world.chat, [frame]),
  })),
  typing: told((world, frame, context) => ({
    ...world,
    typing: frame.stopped
      ? stoppedTyping(world.typing, frame.room_id, frame.user_id)
      : startedTyping(world.typing, frame, context),
  })),
  emojis_changed: ELSEWHERE,
  ack: ELSEWHERE,
  error: ELSEWHERE,
  pong: ELSEWHERE,
  synced: told((world, frame) => reached(world, frame.room_id, frame.to)),
  resync: told((world, frame) => reached(world, frame.room_id, frame.head)),
};

/** A newer server may say what this client does not know yet. What has a position takes its place all the same. */
const UNKNOWN: Rule<unknown> = logged((world, frame) => {
  const position = numbersOf(frame);
  return position ? { ...world, chat: moved(world.chat, position.room_id, position.seq) } : world;
});

function ruleOf(frame: ServerFrame): Rule<unknown> {
  // The rule of a frame's own type is the one that takes it, which TypeScript cannot follow through the record.
  return Object.hasOwn(RULES, frame.type) ? (RULES[frame.type] as Rule<unknown>) : UNKNOWN;
}

export function apply(world: World, frame: ServerFrame, context: Context): World {
  return ruleOf(frame).handle(world, frame, context);
}

/** A place in the log of a room. */
export interface Position {
  readonly room_id: number;
  readonly seq: number;
}

/** The position that a frame takes in the log of its room, or in one's own, if it takes one. */
export function positionOf(frame: ServerFrame): Position | undefined {
  return ruleOf(frame).position(frame);
}

function numbersOf(frame: unknown): Position | undefined {
  if (typeof frame !== 'object' || frame === null || !('room_id' in frame) || !('seq' in frame)) return undefined;
  const { room_id, seq } = frame;
  return Number.isSafeInteger(room_id) && Number.isSafeInteger(seq)
    ? { room_id: Number(room_id), seq: Number(seq) }
    : undefined;
}

/** Positions of another epoch mean nothing: what was held of the logs is let go. */
function welcomed(chat: Chat, epoch: number): Chat {
  return chat.epoch === null
    ? { ...chat, epoch }
    : { ...chat, epoch, messages: {}, logs: {}, cursors: EMPTY_CHAT.cursors, tallies: {} };
}

export function rowOfText(frame: FrameOf<'text'>): Message {
  return {
    id: frame.message_id,
    room_id: frame.room_id,
    seq: frame.seq,
    user_id: frame.user_id,
    username: frame.username,
    type: frame.message_type ?? 'text',
    content: frame.content,
    attachments: frame.attachments ?? [],
    created_at: frame.timestamp,
    mentions: frame.mentions ?? [],
    mentions_room: frame.mentions_room ?? false,
    mention_spans: frame.mention_spans ?? [],
    guest: frame.guest ?? false,
    ...(frame.edited_at ? { edited_at: frame.edited_at } : {}),
    ...(frame.recalled_at ? { recalled_at: frame.recalled_at } : {}),
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
    attachments: [],
    created_at: frame.timestamp,
    mentions: [],
    mentions_room: false,
    mention_spans: [],
    guest: false,
    event: frame.event,
    ...(frame.actor_id ? { actor_id: frame.actor_id } : {}),
    ...(frame.room_name ? { room_name: frame.room_name } : {}),
  };
}

function posted(chat: Chat, row: Message, { me }: Context): Chat {
  const counted = countPosted(chat, row, me);
  const room = counted.rooms[row.room_id];
  return withUser(
    {
      ...advance(counted, row.room_id, row.seq, row),
      cursors: { ...chat.cursors, [row.room_id]: row.seq },
      rooms: room
        ? {
            ...counted.rooms,
            [row.room_id]: { ...room, last_seq: Math.max(room.last_seq, row.seq), last_message: row },
          }
        : counted.rooms,
    },
    row.user_id,
    row.username,
  );
}

/** A change that is no message still takes its place in the log. */
function moved(chat: Chat, roomId: number, seq: number): Chat {
  const room = chat.rooms[roomId];
  return {
    ...advance(chat, roomId, seq),
    cursors: { ...chat.cursors, [roomId]: seq },
    rooms: room ? { ...chat.rooms, [roomId]: { ...room, last_seq: Math.max(room.last_seq, seq) } } : chat.rooms,
  };
}

/** One's own log is told with holes in the answer to `sync`: there it is the end of the answer that counts. */
function ownMoved(chat: Chat, seq: number): Chat {
  return seq - 1 === chat.cursors[OWN_LOG] ? ownAt(chat, seq) : chat;
}

function ownAt(chat: Chat, seq: number): Chat {
  return { ...chat, cursors: { ...chat.cursors, [OWN_LOG]: seq } };
}

/** The end of an answer in one's own log, or where it goes on. */
function reached(world: World, roomId: number, seq: number): World {
  return roomId === OWN_LOG ? { ...world, chat: ownAt(world.chat, seq) } : world;
}

function withUser(chat: Chat, id: number, username: string): Chat {
  if (id === 0 || username === '' || chat.users[id]?.username === username) return chat;
  return { ...chat, users: { ...chat.users, [id]: { ...chat.users[id], id, username } } };
}

const came = ({ event }: FrameOf<'system'>) => event === 'user_joined' || event === 'user_added';
const went = ({ event }: FrameOf<'system'>) => event === 'user_left' || event === 'user_kicked';

/** A list of who is here comes with names only once. */
function listChanged(presence: PresenceMap, frame: FrameOf<'system'>): PresenceMap {
  const { room_id, user_id } = frame;
  const held = presence.here[room_id];
  if (!held || !(came(frame) || went(frame))) return presence;
  const others = held.users.filter((id) => id !== user_id);
  const users = came(frame) ? [...others, user_id] : others;
  return { ...presence, here: { ...presence.here, [room_id]: { ...held, users } } };
}

function seatsChanged(chat: Chat, frame: FrameOf<'system'>): Chat {
  if (!came(frame) && !went(frame)) return chat;
  const room = chat.rooms[frame.room_id];
  const held = chat.members[frame.room_id];
  const seated = held?.some((member) => member.user.id === frame.user_id);
  const members =
    held &&
    (went(frame)
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
  const step = came(frame) ? 1 : -1;
  const uncounted = frame.seq > (chat.tallies[frame.room_id]?.upTo ?? 0);
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
  const { content, timestamp, mentions = [], mentions_room = false, mention_spans = [] } = frame;
  const now = { content, edited_at: timestamp, mentions, mentions_room, mention_spans };
  const after = changed(chat, frame, (row) => ({ ...row, ...now }));
  return quoting(after, frame, { content: [...content].slice(0, 200).join('') });
}

function recalled(chat: Chat, frame: FrameOf<'recall'>): Chat {
  const { timestamp } = frame;
  const gone = {
    content: '',
    attachments: [],
    recalled_at: timestamp,
    mentions: [],
    mentions_room: false,
    mention_spans: [],
  };
  return quoting(
    changed(chat, frame, (row) => ({ ...row, ...gone })),
    frame,
    { content: '', recalled: true },
  );
}

function changed(chat: Chat, frame: FrameOf<'edit' | 'recall'>, change: (row: Message) => Message): Chat {
  const { room_id: roomId, message_id: id, seq } = frame;
  return revise(moved(chat, roomId, seq), { roomId, id, seq }, change);
}

/** The rows that quote a message show it as it is now. */
function quoting(
  chat: Chat,
  { room_id: roomId, message_id, seq }: FrameOf<'edit' | 'recall'>,
  change: { content: string; recalled?: boolean },
): Chat {
  return quotesOf(chat, roomId, message_id).reduce(
    (next, { id }) =>
      revise(next, { roomId, id, seq }, (row) =>
        row.reply_to ? { ...row, reply_to: { ...row.reply_to, ...change } } : row,
      ),
    chat,
  );
}

function roomChanged(chat: Chat, frame: FrameOf<'room'>): Chat {
  const after = frame.seq ? moved(chat, frame.room_id, frame.seq) : chat;
  switch (frame.event) {
    case 'updated': {
      const room = after.rooms[frame.room_id];
      if (!room || !frame.room) return after;
      const { name, description, is_private, updated_at, avatar_url } = frame.room;
      return {
        ...after,
        rooms: { ...after.rooms, [frame.room_id]: { ...room, name, description, is_private, updated_at, avatar_url } },
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
    tallies: { ...chat.tallies, [room.id]: countedUpTo(room.last_seq) },
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
  const closed = placesIn(chat.logs, roomId).reduce(close, chat);
  return {
    ...closed,
    rooms: without(chat.rooms),
    cursors: without(chat.cursors),
    tallies: without(chat.tallies),
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

/** How others see a person now. What only they themselves know of them is not told. */
function seenAs(chat: Chat, user: User): Chat {
  return { ...chat, users: { ...chat.users, [user.id]: { ...chat.users[user.id], ...user } } };
}

function listed(presence: PresenceMap, frame: FrameOf<'userlist'>): PresenceMap {
  // In a small room only the number comes by itself; who came or went is told by `presence`.
  if (frame.users.length === 0 && frame.total > 0) {
    const held = presence.here[frame.room_id]?.users ?? [];
    return { ...presence, here: { ...presence.here, [frame.room_id]: { users: held, total: frame.total } } };
  }
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
