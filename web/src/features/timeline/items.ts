/** What the timeline lists: rows with the lines and headings that belong above them. Pure. */
import type { Message } from '../../gen/wire';
import { dayKey } from '../../lib/time';
import { isText, type Send } from '../../state';

/**
 * What the list itself has to know of a row: nothing in it changes with an edit, a recall or a confirmation, so that these
 * draw one row and not the list.
 */
export interface Item {
  /** Stays the same from the first keystroke of sending to the confirmed row. */
  readonly key: string;
  /** The message; 0 for what is not stored yet. */
  readonly id: number;
  readonly seq: number;
  readonly type: Message['type'];
  readonly user_id: number;
  /** What is on its way and not stored yet. */
  readonly pending?: string;
  /** Shows the author: the first of a group. */
  readonly head: boolean;
  /** The first row of a calendar day. */
  readonly day: boolean;
  /** The first row that was unread when the room was opened. */
  readonly fresh: boolean;
  /** The very first row of the room. */
  readonly start: boolean;
  /** The same happened to these right before: one line tells of all of them. */
  readonly also?: readonly number[];
}

export const GROUP_MS = 5 * 60_000;

/** Same author, same day, at most five minutes apart, nothing in between that deserves a heading. */
export function continues(previous: Message | undefined, row: Message): boolean {
  return (
    previous !== undefined &&
    isText(previous) &&
    isText(row) &&
    !row.reply_to &&
    previous.user_id === row.user_id &&
    previous.username === row.username &&
    Date.parse(row.created_at) - Date.parse(previous.created_at) <= GROUP_MS &&
    dayKey(previous.created_at) === dayKey(row.created_at)
  );
}

const FOLDED: readonly Message['event'][] = ['user_joined', 'user_left', 'user_added'];

/** Comings and goings of others, one after the other on the same day: thirty of them are one piece of news. */
function folds(previous: Message | undefined, row: Message, me: number): boolean {
  return (
    previous?.type === 'system' &&
    row.type === 'system' &&
    FOLDED.includes(row.event) &&
    previous.event === row.event &&
    previous.actor_id === row.actor_id &&
    previous.user_id !== me &&
    row.user_id !== me &&
    dayKey(previous.created_at) === dayKey(row.created_at)
  );
}

/** A pending send, drawn as the row it is going to be. */
export function rowOfPending(entry: Send, username: string): Message {
  return {
    id: 0,
    room_id: entry.room_id,
    seq: Number.MAX_SAFE_INTEGER,
    user_id: entry.user_id,
    username,
    type: 'text',
    content: entry.content,
    attachments: [],
    created_at: entry.created_at,
    client_id: entry.id,
    mentions: [],
    mentions_room: false,
    mention_spans: [],
    guest: false,
    ...(entry.reply_to ? { reply_to: entry.reply_to } : {}),
  };
}

export interface Listing {
  readonly rows: readonly Message[];
  readonly pending: readonly Send[];
  readonly me: { readonly id: number; readonly username: string };
  /** The read mark when the room was opened; undefined when everything was read. */
  readonly readUpTo: number | undefined;
  /** The rows begin with the room itself. */
  readonly complete: boolean;
  /** In a conversation of two nobody needs to be told that somebody made it. */
  readonly direct?: boolean;
}

export function listItems({ rows, pending, me, readUpTo, complete, direct }: Listing): readonly Item[] {
  const items: Item[] = [];
  let previous: Message | undefined;
  let marked = readUpTo === undefined;
  const add = (message: Message, entry?: Send) => {
    const { id, seq, type, user_id } = message;
    // The client id of somebody else is that person's word, and nothing says that it is given only once.
    const key = user_id === me.id && message.client_id ? message.client_id : `m${id}`;
    const last = items.at(-1);
    if (last && folds(previous, message, me.id)) {
      // Under the key of its last row: what is fetched above joins without another row leaving.
      items[items.length - 1] = { ...last, key, id, seq, user_id, also: [...(last.also ?? []), last.id] };
      previous = message;
      return;
    }
    const day = !previous || dayKey(previous.created_at) !== dayKey(message.created_at);
    const fresh = !marked && seq > (readUpTo ?? 0) && isText(message) && user_id !== me.id;
    marked ||= fresh;
    items.push({
      key,
      id,
      seq,
      type,
      user_id,
      ...(entry ? { pending: entry.id } : {}),
      head: day || fresh || !continues(previous, message),
      day,
      fresh,
      start: complete && items.length === 0,
    });
    previous = message;
  };
  for (const row of rows) if (!direct || isText(row)) add(row);
  for (const entry of pending) add(rowOfPending(entry, me.username), entry);
  return items;
}

/** The list with every item that is as it was before being the very same, so that only the others are drawn. */
export function reuse(items: readonly Item[], before: readonly Item[]): readonly Item[] {
  const known = new Map(before.map((item) => [item.key, item]));
  return items.map((item) => {
    const held = known.get(item.key);
    return held && sameItem(held, item) ? held : item;
  });
}

function sameItem(a: Item, b: Item): boolean {
  return (
    a.id === b.id &&
    a.seq === b.seq &&
    a.pending === b.pending &&
    a.head === b.head &&
    a.day === b.day &&
    a.fresh === b.fresh &&
    a.start === b.start &&
    a.also?.join() === b.also?.join()
  );
}
