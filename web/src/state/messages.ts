/**
 * The messages this client holds, each once, by room and id. Logs list their ids, so that a change of a message touches
 * the message alone; a room's map holds what its logs list, and is let go of with them. Pure.
 */
import type { Message } from '../gen/wire';
import { cover, EMPTY_LOG, type Log, type SeqOf, type Span, type Stretch, spanAt, trim } from './log';
import { type Place, parsePlace, placesIn, roomOf } from './place';
import type { Chat, Held } from './world';

type Messages = Readonly<Record<number, Held>>;
const NO_MESSAGES: Messages = {};
const NO_ROWS: readonly Held[] = [];

/** What is held of a message; its room is always known with its id. */
export function messageOf(chat: Chat, roomId: number, id: number): Held | undefined {
  return chat.messages[roomId]?.[id];
}

/** The messages that a span lists. */
export function rowsOf(chat: Chat, place: Place, span: Span | undefined): readonly Held[] {
  const held = chat.messages[roomOf(place)];
  if (!span || !held) return NO_ROWS;
  return span.ids.flatMap((id) => held[id] ?? []);
}

function seqsOf(messages: Messages): SeqOf {
  return (id) => messages[id]?.seq ?? 0;
}

/**
 * An answer that was overtaken by a frame must not bring an older state back. The log's positions tell which is newer;
 * where they do not (a room one only looks at has no frames) a recall is the end of a message, and edits have times.
 */
function newer(held: Held, incoming: Held): Held {
  if (held.recalled_at && !incoming.recalled_at) return held;
  if (held.changed !== incoming.changed) return held.changed > incoming.changed ? held : incoming;
  return (held.edited_at ?? '') > (incoming.edited_at ?? '') ? held : incoming;
}

/** Takes messages in, as they were at position `asOf` of the log or later. */
function learned(messages: Messages, rows: readonly Message[], asOf: number): Messages {
  if (rows.length === 0) return messages;
  const next: Record<number, Held> = { ...messages };
  for (const row of rows) {
    const incoming: Held = { ...row, changed: Math.max(row.seq, asOf) };
    const held = next[row.id];
    next[row.id] = held ? newer(held, incoming) : incoming;
  }
  return next;
}

/** Adds to a place's log what is now known of it, as it was at `asOf`. */
export function hold(chat: Chat, place: Place, { from, to, rows }: Stretch, asOf: number): Chat {
  const roomId = roomOf(place);
  const messages = learned(chat.messages[roomId] ?? NO_MESSAGES, rows, asOf);
  const span = { from, to, ids: rows.map((row) => row.id) };
  const log = cover(chat.logs[place] ?? EMPTY_LOG, span, seqsOf(messages));
  return {
    ...chat,
    messages: messages === chat.messages[roomId] ? chat.messages : { ...chat.messages, [roomId]: messages },
    logs: { ...chat.logs, [place]: log },
  };
}

/** A place is looked at: from here on what happens in it is held. */
export function open(chat: Chat, place: Place): Chat {
  return chat.logs[place] ? chat : { ...chat, logs: { ...chat.logs, [place]: EMPTY_LOG } };
}

/** Whether a message stands in the log of a place; in a room's own log all of them do. */
function belongs(place: Place): boolean {
  return parsePlace(place)?.thread === undefined;
}

/** The next position of a room's log, in those of its places that were opened; with a message or without. */
export function advance(chat: Chat, roomId: number, seq: number, row?: Message): Chat {
  return placesIn(chat.logs, roomId).reduce(
    (next, place) => hold(next, place, { from: seq, to: seq, rows: row && belongs(place) ? [row] : [] }, seq),
    chat,
  );
}

/** Changes one message at position `seq` of its log, wherever it is held; what quotes it is another message's business. */
export function revise(
  chat: Chat,
  { roomId, id, seq }: { readonly roomId: number; readonly id: number; readonly seq: number },
  change: (row: Message) => Message,
): Chat {
  const held = messageOf(chat, roomId, id);
  // What is held may be newer than the frame: then it has this change already.
  const messages =
    held && held.changed <= seq
      ? { ...chat.messages, [roomId]: { ...chat.messages[roomId], [id]: { ...change(held), changed: seq } } }
      : chat.messages;
  const room = chat.rooms[roomId];
  const last = room?.last_message;
  const rooms =
    room && last?.id === id
      ? { ...chat.rooms, [roomId]: { ...room, last_message: messages[roomId]?.[id] ?? change(last) } }
      : chat.rooms;
  return { ...chat, messages, rooms };
}

/** The held messages that quote this one. */
export function quotesOf(chat: Chat, roomId: number, id: number): readonly Message[] {
  const last = chat.rooms[roomId]?.last_message;
  const held = Object.values(chat.messages[roomId] ?? NO_MESSAGES);
  const all: readonly Message[] = last && !messageOf(chat, roomId, last.id) ? [...held, last] : held;
  return all.filter((row) => row.reply_to?.message_id === id);
}

/** Lets go of messages that no log of the room lists any more. */
function swept(chat: Chat, roomId: number): Chat {
  const held = chat.messages[roomId];
  if (!held) return chat;
  const listed = new Set(placesIn(chat.logs, roomId).flatMap((place) => (chat.logs[place] ?? []).flatMap(idsOf)));
  if (listed.size === 0) {
    const { [roomId]: _gone, ...messages } = chat.messages;
    return { ...chat, messages };
  }
  const kept = Object.values(held).filter((row) => listed.has(row.id));
  if (kept.length === Object.keys(held).length) return chat;
  return {
    ...chat,
    messages: { ...chat.messages, [roomId]: Object.fromEntries(kept.map((row) => [row.id, row])) },
  };
}

const idsOf = (span: Span) => span.ids;

function withLog(chat: Chat, place: Place, log: Log): Chat {
  return log === chat.logs[place] ? chat : swept({ ...chat, logs: { ...chat.logs, [place]: log } }, roomOf(place));
}

/** Keeps of the span at `at` what is between two positions of messages, and nothing else of it. */
export function keepBetween(chat: Chat, place: Place, at: number | 'latest', first: number, last: number): Chat {
  const log = chat.logs[place] ?? EMPTY_LOG;
  const span = spanAt(log, at);
  const seqOf = seqsOf(chat.messages[roomOf(place)] ?? NO_MESSAGES);
  return span ? withLog(chat, place, trim(log, span, first, last, seqOf)) : chat;
}

/** Keeps the newest `most` messages of a place, if its newest span reaches the end of the log; otherwise nothing. */
export function keepEnd(chat: Chat, place: Place, most: number): Chat {
  const span = chat.logs[place]?.at(-1);
  if (!span || span.to < (chat.cursors[roomOf(place)] ?? 0)) return close(chat, place);
  const first = span.ids.at(-most) ?? span.ids[0];
  const seqOf = seqsOf(chat.messages[roomOf(place)] ?? NO_MESSAGES);
  const log = first === undefined ? [span] : trim([span], span, seqOf(first), Number.MAX_SAFE_INTEGER, seqOf);
  return chat.logs[place]?.length === 1 && log[0] === span ? chat : withLog(chat, place, log);
}

/** Lets go of everything held of a room's logs, which may be old; the places stay open. */
export function empty(chat: Chat, roomId: number): Chat {
  return placesIn(chat.logs, roomId).reduce((next, place) => withLog(next, place, EMPTY_LOG), chat);
}

/** Lets go of a place's log: what happens in it is not held any more, but for the room's last message. */
export function close(chat: Chat, place: Place): Chat {
  if (!chat.logs[place]) return chat;
  const { [place]: _gone, ...logs } = chat.logs;
  return swept({ ...chat, logs }, roomOf(place));
}
