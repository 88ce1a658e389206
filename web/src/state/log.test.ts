import { describe, expect, test } from 'vitest';
import { cover, EMPTY_LOG, type Log, spanAt, stretchOfPage, trim } from './log';
import { message } from './samples';

const rows = (...seqs: number[]) => seqs.map((seq) => message(seq, { id: seq * 10 }));
/** In these tests a message's id is ten times its position. */
const seqOf = (id: number) => id / 10;
const ids = (...seqs: number[]) => seqs.map((seq) => seq * 10);
const shape = (log: Log) => log.map((span) => [span.from, span.to, span.ids.map(seqOf)]);

describe('what is known of a log', () => {
  test('live positions grow one span, also those that are no message', () => {
    let log = cover(EMPTY_LOG, { from: 5, to: 5, ids: ids(5) }, seqOf);
    log = cover(log, { from: 6, to: 6, ids: [] }, seqOf);
    log = cover(log, { from: 7, to: 7, ids: ids(7) }, seqOf);
    expect(shape(log)).toEqual([[5, 7, [5, 7]]]);
  });

  test('a hole keeps spans apart, and the page that fills it joins them', () => {
    let log = cover(EMPTY_LOG, { from: 1, to: 10, ids: ids(1, 5, 10) }, seqOf);
    log = cover(log, { from: 20, to: 22, ids: ids(20, 22) }, seqOf);
    expect(shape(log)).toHaveLength(2);
    expect(spanAt(log, 15)).toBeUndefined();
    log = cover(log, { from: 11, to: 19, ids: ids(12) }, seqOf);
    expect(shape(log)).toEqual([[1, 22, [1, 5, 10, 12, 20, 22]]]);
  });

  test('the same message twice is one row', () => {
    const log = cover([{ from: 1, to: 3, ids: ids(1, 2, 3) }], { from: 2, to: 4, ids: ids(2, 3, 4) }, seqOf);
    expect(shape(log)).toEqual([[1, 4, [1, 2, 3, 4]]]);
  });

  test('a position without a message leaves the list as it is', () => {
    const before: Log = [{ from: 1, to: 3, ids: ids(1, 2, 3) }];
    const log = cover(before, { from: 4, to: 4, ids: [] }, seqOf);
    expect(log[0]?.ids).toBe(before[0]?.ids);
  });

  test('an empty span changes nothing', () => {
    const log = cover(EMPTY_LOG, { from: 1, to: 2, ids: ids(1) }, seqOf);
    expect(cover(log, { from: 9, to: 8, ids: [] }, seqOf)).toBe(log);
  });
});

describe('what a page proves', () => {
  test('a short newest page begins at the room itself and reaches the known head', () => {
    expect(stretchOfPage({ kind: 'newest', head: 9 }, rows(2, 7), 50)).toMatchObject({ from: 1, to: 9 });
  });

  test('a full one begins at its first row', () => {
    expect(stretchOfPage({ kind: 'newest', head: 0 }, rows(6, 7), 2)).toMatchObject({ from: 6, to: 7 });
  });

  test('a page before reaches up to the position asked for', () => {
    expect(stretchOfPage({ kind: 'before', seq: 30 }, rows(20, 25), 2)).toMatchObject({ from: 20, to: 29 });
    expect(stretchOfPage({ kind: 'before', seq: 30 }, [], 2)).toMatchObject({ from: 1, to: 29 });
  });

  test('a full page after proves nothing beyond its last row', () => {
    expect(stretchOfPage({ kind: 'after', seq: 10, head: 99 }, rows(12, 13), 2)).toMatchObject({ from: 11, to: 13 });
    expect(stretchOfPage({ kind: 'after', seq: 10, head: 99 }, rows(12), 2)).toMatchObject({ from: 11, to: 99 });
  });

  test('a page around tells of an end of the log by what is missing on that side', () => {
    const around = (seq: number, seqs: readonly number[]) => {
      const { from, to } = stretchOfPage({ kind: 'around', seq, head: 20 }, rows(...seqs), 4);
      return [from, to];
    };
    expect(around(10, [7, 9, 10, 12])).toEqual([7, 12]);
    expect(around(2, [2, 4])).toEqual([1, 4]);
    expect(around(19, [15, 18])).toEqual([15, 20]);
    expect(around(99_999, [15, 18])).toEqual([15, 20]);
    expect(around(10, [])).toEqual([1, 20]);
  });
});

describe('what is trimmed away', () => {
  const log: Log = [{ from: 1, to: 12, ids: ids(2, 4, 6, 8, 10) }];
  const cut = (first: number, last: number) => {
    const [span] = log;
    return span && shape(trim(log, span, first, last, seqOf));
  };

  test('at the beginning is unknown again', () => {
    expect(cut(8, 10)).toEqual([[8, 12, [8, 10]]]);
  });

  test('at the end, too', () => {
    expect(cut(2, 6)).toEqual([[1, 6, [2, 4, 6]]]);
  });

  test('at both ends', () => {
    expect(cut(4, 8)).toEqual([[4, 8, [4, 6, 8]]]);
  });

  test('is nothing where everything is wanted', () => {
    const [span] = log;
    if (span) expect(trim(log, span, 2, 10, seqOf)).toBe(log);
  });
});
