/**
 * What this client holds of a room's log: spans of log positions it knows completely, and the messages in them.
 * A change of the log that is not a message (an edit, a new role) takes a position too, so a span tells more than its rows.
 * Nothing here fetches; it only makes sure that a hole is never mistaken for silence.
 */
import type { Message } from '../gen/wire';

/** Everything from `from` to `to` is known; `rows` are the messages among it, ascending. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly Message[];
}

/** Disjoint spans, ascending, never adjacent (adjacent ones are one). */
export type Log = readonly Span[];

export const EMPTY_LOG: Log = [];

/** The older state of a message must not overwrite the newer one when an answer is overtaken by a live frame. */
function newer(held: Message, incoming: Message): Message {
  if (held.recalled_at && !incoming.recalled_at) return held;
  if (incoming.recalled_at) return incoming;
  return (held.edited_at ?? '') > (incoming.edited_at ?? '') ? held : incoming;
}

function mergeRows(a: readonly Message[], b: readonly Message[]): readonly Message[] {
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const lastOfA = a.at(-1);
  const firstOfB = b[0];
  if (lastOfA && firstOfB && lastOfA.seq < firstOfB.seq) return [...a, ...b];
  const bySeq = new Map<number, Message>();
  for (const row of a) bySeq.set(row.seq, row);
  for (const row of b) {
    const held = bySeq.get(row.seq);
    bySeq.set(row.seq, held ? newer(held, row) : row);
  }
  return [...bySeq.values()].sort((x, y) => x.seq - y.seq);
}

/** Adds what is now known; spans that meet become one. */
export function cover(log: Log, span: Span): Log {
  if (span.to < span.from) return log;
  const before: Span[] = [];
  const after: Span[] = [];
  let merged = span;
  for (const held of log) {
    if (held.to + 1 < merged.from) before.push(held);
    else if (held.from > merged.to + 1) after.push(held);
    else {
      merged = {
        from: Math.min(held.from, merged.from),
        to: Math.max(held.to, merged.to),
        rows: mergeRows(held.rows, merged.rows),
      };
    }
  }
  return [...before, merged, ...after];
}

/** The span that holds a position, or the newest one for `latest`. */
export function spanAt(log: Log, at: number | 'latest'): Span | undefined {
  if (at === 'latest') return log.at(-1);
  return log.find((span) => span.from <= at && at <= span.to);
}

/** Rewrites the rows a change concerns; the rest keeps its identity, so that only those rows are drawn again. */
export function revise(log: Log, change: (row: Message) => Message): Log {
  let touched = false;
  const next = log.map((span) => {
    let rows: Message[] | undefined;
    for (const [index, row] of span.rows.entries()) {
      const changed = change(row);
      if (changed !== row) {
        rows ??= [...span.rows];
        rows[index] = changed;
      }
    }
    if (!rows) return span;
    touched = true;
    return { ...span, rows };
  });
  return touched ? next : log;
}

/** Keeps the last `max` rows of the newest span. What is let go is unknown again. */
export function trim(log: Log, max: number): Log {
  const span = log.at(-1);
  const first = span?.rows.at(-max);
  if (!span || !first || span.rows[0] === first) return log;
  return [...log.slice(0, -1), { from: first.seq, to: span.to, rows: span.rows.slice(-max) }];
}

/** What a page of the history proves, by how it was asked for. `limit` tells a short page, which met an end of the log. */
export type Page =
  | { readonly kind: 'newest'; readonly head: number }
  | { readonly kind: 'before'; readonly seq: number }
  | { readonly kind: 'after'; readonly seq: number; readonly head: number }
  | { readonly kind: 'around'; readonly seq: number };

/** `head` is the newest position known when the question was asked: the answer knows at least as much. */
export function spanOfPage(page: Page, rows: readonly Message[], limit: number): Span | undefined {
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
    case 'around':
      return first === undefined || last === undefined ? undefined : { from: first, to: last, rows };
  }
}
