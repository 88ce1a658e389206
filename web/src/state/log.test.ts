import { describe, expect, test } from 'vitest';
import type { Message } from '../gen/wire';
import { cover, EMPTY_LOG, type Log, revise, spanAt, spanOfPage, trim } from './log';

function row(seq: number, change: Partial<Message> = {}): Message {
  return {
    id: seq * 10,
    room_id: 1,
    seq,
    user_id: 2,
    username: 'maya',
    type: 'text',
    content: `message ${seq}`,
    created_at: '2026-11-21T12:00:00.000Z',
    mentions: [],
    mentions_room: false,
    guest: false,
    ...change,
  };
}

const rows = (...seqs: number[]) => seqs.map((seq) => row(seq));
const shape = (log: Log) => log.map((span) => [span.from, span.to, span.rows.map((one) => one.seq)]);

describe('what is known of a log', () => {
  test('live positions grow one span, also those that are no message', () => {
    let log = cover(EMPTY_LOG, { from: 5, to: 5, rows: rows(5) });
    log = cover(log, { from: 6, to: 6, rows: [] });
    log = cover(log, { from: 7, to: 7, rows: rows(7) });
    expect(shape(log)).toEqual([[5, 7, [5, 7]]]);
  });

  test('a hole keeps spans apart, and the page that fills it joins them', () => {
    let log = cover(EMPTY_LOG, { from: 1, to: 10, rows: rows(1, 5, 10) });
    log = cover(log, { from: 20, to: 22, rows: rows(20, 22) });
    expect(shape(log)).toHaveLength(2);
    expect(spanAt(log, 15)).toBeUndefined();
    log = cover(log, { from: 11, to: 19, rows: rows(12) });
    expect(shape(log)).toEqual([[1, 22, [1, 5, 10, 12, 20, 22]]]);
  });

  test('the same message twice is one row', () => {
    const log = cover([{ from: 1, to: 3, rows: rows(1, 2, 3) }], { from: 2, to: 4, rows: rows(2, 3, 4) });
    expect(shape(log)).toEqual([[1, 4, [1, 2, 3, 4]]]);
  });

  test('an answer that was overtaken by an edit or a recall does not undo it', () => {
    const edited = row(2, { content: 'new', edited_at: '2026-11-21T12:05:00.000Z' });
    const recalled = row(3, { content: '', recalled_at: '2026-11-21T12:06:00.000Z' });
    const log = cover([{ from: 1, to: 3, rows: [row(1), edited, recalled] }], { from: 1, to: 3, rows: rows(1, 2, 3) });
    expect(log[0]?.rows[1]?.content).toBe('new');
    expect(log[0]?.rows[2]?.content).toBe('');
  });

  test('an empty span changes nothing', () => {
    const log = cover(EMPTY_LOG, { from: 1, to: 2, rows: rows(1) });
    expect(cover(log, { from: 9, to: 8, rows: [] })).toBe(log);
  });
});

describe('what a page proves', () => {
  test('a short newest page begins at the room itself and reaches the known head', () => {
    expect(spanOfPage({ kind: 'newest', head: 9 }, rows(2, 7), 50)).toMatchObject({ from: 1, to: 9 });
  });

  test('a full one begins at its first row', () => {
    expect(spanOfPage({ kind: 'newest', head: 0 }, rows(6, 7), 2)).toMatchObject({ from: 6, to: 7 });
  });

  test('a page before reaches up to the position asked for', () => {
    expect(spanOfPage({ kind: 'before', seq: 30 }, rows(20, 25), 2)).toMatchObject({ from: 20, to: 29 });
    expect(spanOfPage({ kind: 'before', seq: 30 }, [], 2)).toMatchObject({ from: 1, to: 29 });
  });

  test('a full page after proves nothing beyond its last row', () => {
    expect(spanOfPage({ kind: 'after', seq: 10, head: 99 }, rows(12, 13), 2)).toMatchObject({ from: 11, to: 13 });
    expect(spanOfPage({ kind: 'after', seq: 10, head: 99 }, rows(12), 2)).toMatchObject({ from: 11, to: 99 });
  });

  test('an empty page around proves nothing', () => {
    expect(spanOfPage({ kind: 'around', seq: 10 }, [], 2)).toBeUndefined();
  });
});

test('what is trimmed away is unknown again', () => {
  const log: Log = [{ from: 1, to: 12, rows: rows(2, 4, 6, 8, 10) }];
  expect(shape(trim(log, 2))).toEqual([[8, 12, [8, 10]]]);
  expect(trim(log, 5)).toBe(log);
  expect(trim(log, 6)).toBe(log);
  expect(trim([], 1)).toEqual([]);
});

test('a revision keeps every other row as it was', () => {
  const log: Log = [{ from: 1, to: 3, rows: rows(1, 2, 3) }];
  const next = revise(log, (one) => (one.seq === 2 ? { ...one, content: 'changed' } : one));
  expect(next[0]?.rows[1]?.content).toBe('changed');
  expect(next[0]?.rows[0]).toBe(log[0]?.rows[0]);
  expect(revise(log, (one) => one)).toBe(log);
});
