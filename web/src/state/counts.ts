/**
 * How many messages of a room are unread, and how many of them name me. The server counts up to a position; from there on
 * every frame is counted here, and only here. Where a frame takes back what the server counted and nothing here knows how,
 * the count is in doubt until the server was asked again. Pure.
 */
import type { FrameOf, Message } from '../gen/wire';
import { messageOf } from './messages';
import { type Chat, isText } from './world';

export interface Tally {
  /** The server's counts are those at this position; what comes later is counted here. */
  readonly upTo: number;
  /** Of unread messages: whether they name me now, as far as frames have told it. */
  readonly named: Readonly<Record<number, boolean>>;
  /** Those that came as taken back already, and were never counted. */
  readonly gone: readonly number[];
  /** The server has to be asked. */
  readonly doubted: boolean;
}

/** The counts are the server's, at this position. */
export function countedUpTo(position: number): Tally {
  return { upTo: position, named: {}, gone: [], doubted: false };
}

const UNCOUNTED: Tally = countedUpTo(0);

interface Counts {
  readonly unread: number;
  readonly mentions: number;
  readonly read_seq: number;
}

function withCounts(chat: Chat, roomId: number, change: Partial<Counts>, tally: Tally): Chat {
  const room = chat.rooms[roomId];
  if (!room) return chat;
  const { unread = room.unread ?? 0, mentions = room.mentions ?? 0, read_seq = room.read_seq ?? 0 } = change;
  const counts = { unread: Math.max(0, unread), mentions: Math.max(0, mentions), read_seq };
  return {
    ...chat,
    rooms: { ...chat.rooms, [roomId]: { ...room, ...counts } },
    tallies: { ...chat.tallies, [roomId]: tally },
  };
}

function nothingLeft(chat: Chat, roomId: number, position: number): Chat {
  const { upTo } = chat.tallies[roomId] ?? UNCOUNTED;
  return withCounts(chat, roomId, { unread: 0, mentions: 0, read_seq: position }, countedUpTo(upTo));
}

function namesMe(row: { mentions: readonly number[]; mentions_room: boolean }, me: number): boolean {
  return row.mentions_room || row.mentions.includes(me);
}

/** A message came. One's own moves one's mark. */
export function countPosted(chat: Chat, row: Message, me: number): Chat {
  const room = chat.rooms[row.room_id];
  const tally = chat.tallies[row.room_id] ?? UNCOUNTED;
  if (!room || !isText(row) || row.seq <= tally.upTo || row.seq <= (room.read_seq ?? 0)) return chat;
  if (row.user_id === me) return nothingLeft(chat, row.room_id, row.seq);
  if (row.recalled_at) return withCounts(chat, row.room_id, {}, { ...tally, gone: [...tally.gone, row.id] });
  if (!namesMe(row, me)) return withCounts(chat, row.room_id, { unread: (room.unread ?? 0) + 1 }, tally);
  return withCounts(
    chat,
    row.room_id,
    { unread: (room.unread ?? 0) + 1, mentions: (room.mentions ?? 0) + 1 },
    { ...tally, named: { ...tally.named, [row.id]: true } },
  );
}

/** A message is about to be edited or taken back: it may have named me before, or do so now. */
export function countChanged(chat: Chat, frame: FrameOf<'edit' | 'recall'>, me: number): Chat {
  const { room_id: roomId, message_id: id, message_seq, seq } = frame;
  const room = chat.rooms[roomId];
  const tally = chat.tallies[roomId] ?? UNCOUNTED;
  // One's own messages are read: sending moves the mark.
  if (!room || seq <= tally.upTo || message_seq <= (room.read_seq ?? 0)) return chat;
  const isNamed =
    frame.type === 'edit' &&
    namesMe({ mentions: frame.mentions ?? [], mentions_room: frame.mentions_room ?? false }, me);
  const leaves = frame.type === 'recall' && !tally.gone.includes(id) ? 1 : 0;
  const unread = (room.unread ?? 0) - leaves;
  const was = wasNamed(chat, frame, tally, me);
  if (was === undefined) return withCounts(chat, roomId, { unread }, { ...tally, doubted: true });
  const mentions = (room.mentions ?? 0) + Number(isNamed) - Number(was);
  return withCounts(chat, roomId, { unread, mentions }, { ...tally, named: { ...tally.named, [id]: isNamed } });
}

/** Whether a message named me right before this frame, if that is known here. */
function wasNamed(chat: Chat, frame: FrameOf<'edit' | 'recall'>, tally: Tally, me: number): boolean | undefined {
  const { room_id: roomId, message_id: id, message_seq, seq } = frame;
  const room = chat.rooms[roomId];
  const told = tally.named[id];
  if (told !== undefined) return told;
  if (message_seq > tally.upTo || !room?.mentions) return false;
  const held = messageOf(chat, roomId, id);
  // An answer to a question may have been faster than the frame: then what is held is the message after it.
  if (held) return held.changed < seq ? namesMe(held, me) : undefined;
  return room.last_message?.id === id ? namesMe(room.last_message, me) : undefined;
}

/** My mark moved, here or on another device. */
export function countRead(chat: Chat, frame: FrameOf<'read'>): Chat {
  const room = chat.rooms[frame.room_id];
  if (!room || frame.seq < (room.read_seq ?? 0)) return chat;
  const tally = chat.tallies[frame.room_id] ?? UNCOUNTED;
  // What comes later is counted when it comes.
  if (frame.seq >= Math.max(chat.cursors[frame.room_id] ?? 0, tally.upTo)) {
    return nothingLeft(chat, frame.room_id, frame.seq);
  }
  // Here it was moved already, and what came since was counted.
  if (frame.seq === room.read_seq) return chat;
  // The frame does not say at which position it counted.
  const { unread = 0, mentions = 0, seq } = frame;
  return withCounts(chat, frame.room_id, { unread, mentions, read_seq: seq }, { ...tally, doubted: true });
}

/** Everything up to a position is read, if nothing after it is known. */
export function countAllRead(chat: Chat, roomId: number, position: number): Chat {
  const room = chat.rooms[roomId];
  return room && position >= room.last_seq ? nothingLeft(chat, roomId, position) : chat;
}

/** The rooms whose counts the server has to be asked for. */
export function doubtedRooms(chat: Chat): readonly number[] {
  return Object.entries(chat.tallies).flatMap(([roomId, tally]) => (tally.doubted ? [Number(roomId)] : []));
}
