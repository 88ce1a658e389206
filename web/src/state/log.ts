/**
 * What this client holds of a place's log: spans of log positions it knows completely, and the messages in them, by id.
 * A change of the log that is not a message (an edit, a new role) takes a position too, so a span tells more than its
 * messages. Nothing here fetches; it only makes sure that a hole is never mistaken for silence.
 */
import type { Message } from '../gen/wire';

/** Everything from `from` to `to` is known; `ids` are the messages among it, in the order of their positions. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly ids: readonly number[];
}

/** A span with its messages, as a page of the history and the cache bring it. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly Message[];
}

/** Disjoint spans, ascending, never adjacent (adjacent ones are one). */
export type Log = readonly Span[];

/** The position of a message that a span lists. */
export type SeqOf = (id: number) => number;

export const EMPTY_LOG: Log = [];

/** Both ascending; the result too, each message once. Where nothing is added, it is `a` itself. */
function merged(a: readonly number[], b: readonly number[], seqOf: SeqOf): readonly number[] {
  const [lastOfA, firstOfB] = [a.at(-1), b[0]];
  if (firstOfB === undefined) return a;
  if (lastOfA === undefined) return b;
  if (seqOf(lastOfA) < seqOf(firstOfB)) return [...a, ...b];
  const known = new Set(a);
  const fresh = b.filter((id) => !known.has(id));
  return fresh.length === 0 ? a : [...a, ...fresh].sort((x, y) => seqOf(x) - seqOf(y));
}

/** Adds what is now known; spans that meet become one. */
export function cover(log: Log, span: Span, seqOf: SeqOf): Log {
  if (span.to < span.from) return log;
  const before: Span[] = [];
  const after: Span[] = [];
  let joined = span;
  for (const held of log) {
    if (held.to + 1 < joined.from) before.push(held);
    else if (held.from > joined.to + 1) after.push(held);
    else {
      joined = {
        from: Math.min(held.from, joined.from),
        to: Math.max(held.to, joined.to),
        ids: merged(held.ids, joined.ids, seqOf),
      };
    }
  }
  return [...before, joined, ...after];
}

/** The span that holds a position, or the newest one for `latest`. */
export function spanAt(log: Log, at: number | 'latest'): Span | undefined {
  if (at === 'latest') return log.at(-1);
  return log.find((span) => span.from <= at && at <= span.to);
}

/**
 * Lets go of what a span holds before `first` and after `last`, which are positions of messages in it. What is let go is
 * unknown again.
 */
export function trim(log: Log, held: Span, first: number, last: number, seqOf: SeqOf): Log {
  const begin = held.ids.findIndex((id) => seqOf(id) >= first);
  const end = held.ids.findLastIndex((id) => seqOf(id) <= last);
  if (begin < 0 || end < begin) return log;
  const cut = begin > 0 || end < held.ids.length - 1;
  if (!cut) return log;
  const span: Span = {
    from: begin > 0 ? first : held.from,
    to: end < held.ids.length - 1 ? last : held.to,
    ids: held.ids.slice(begin, end + 1),
  };
  return log.map((one) => (one === held ? span : one));
}

/** What a page of the history proves, by how it was asked for. `limit` tells a short page, which met an end of the log. */
export type Page =
  | { readonly kind: 'newest'; readonly head: number }
  | { readonly kind: 'before'; readonly seq: number }
  | { readonly kind: 'after'; readonly seq: number; readonly head: number }
  | { readonly kind: 'around'; readonly seq: number; readonly head: number };

/** `head` is the newest position known when the question was asked: the answer knows at least as much. */
export function stretchOfPage(page: Page, rows: readonly Message[], limit: number): Stretch {
  const first = rows[0]?.seq;
  const last = rows.at(-1)?.seq;
  const short = rows.length < limit;
  switch (page.kind) {
    case 'newest':
      return { from: short ? 1 : (first ?? 1), to: Math.max(last ?? 0, page.head), rows };
    case 'before':
      return { from: short ? 1 : (first ?? 1), to: page.seq - 1, rows };
    case 'after':
      return { from: page.seq + 1, to: short ? Math.max(last ?? page.seq, page.head) : (last ?? page.seq), rows };
    case 'around': {
      // Half of what is asked for comes from each side: a side with less met an end of the log.
      const half = Math.floor(limit / 2);
      const earlier = rows.filter((row) => row.seq < page.seq).length;
      const later = rows.length - earlier;
      return {
        from: earlier < half ? 1 : (first ?? 1),
        to: later < limit - half ? Math.max(last ?? 0, page.head) : (last ?? 0),
        rows,
      };
    }
  }
}
