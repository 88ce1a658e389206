import { describe, expect, test } from 'vitest';
import type { Message } from '../../gen/wire';
import { message } from '../../state/samples';
import { listItems, reuse } from './items';

const BASE = new Date(2026, 10, 21, 12, 0, 0).getTime();
const me = { id: 1, username: 'me' };

const row = (seq: number, minutes: number, change: Partial<Message> = {}) =>
  message(seq, { content: 'x', created_at: new Date(BASE + minutes * 60_000).toISOString(), ...change });

const list = (rows: Message[], readUpTo?: number) => listItems({ rows, pending: [], me, readUpTo, complete: false });
const heads = (rows: Message[]) => list(rows).map((item) => item.head);

describe('grouping', () => {
  test('the same author within five minutes is one group', () => {
    expect(heads([row(1, 0), row(2, 5), row(3, 10.1)])).toEqual([true, false, true]);
  });

  test('another author, a reply and an event begin a new one', () => {
    const quote = { message_id: 1, seq: 1, user_id: 2, username: 'maya', content: 'x', recalled: false };
    expect(heads([row(1, 0), row(2, 1, { user_id: 3, username: 'tom' })])).toEqual([true, true]);
    expect(heads([row(1, 0), row(2, 1, { reply_to: quote })])).toEqual([true, true]);
    expect(heads([row(1, 0), row(2, 1, { type: 'system' }), row(3, 2)])).toEqual([true, true, true]);
  });

  test('two guests share the id 0 but not a group', () => {
    const guest = { user_id: 0, guest: true };
    expect(heads([row(1, 0, { ...guest, username: 'a' }), row(2, 1, { ...guest, username: 'b' })])).toEqual([
      true,
      true,
    ]);
  });

  test('midnight ends a group and draws the day', () => {
    const items = list([row(1, 11 * 60 + 58), row(2, 12 * 60 + 1)]);
    expect(items.map((item) => item.day)).toEqual([true, true]);
    expect(items[1]?.head).toBe(true);
  });
});

describe('comings and goings', () => {
  const joined = (seq: number, user: number, change: Partial<Message> = {}) =>
    row(seq, seq, { type: 'system', event: 'user_joined', user_id: user, username: `p${user}`, ...change });
  const told = (rows: Message[]) => list(rows).map((item) => [...(item.also ?? []), item.id]);

  test('of several people, one after the other, are one piece of news', () => {
    expect(told([joined(1, 2), joined(2, 3), joined(3, 4), row(4, 4), joined(5, 5)])).toEqual([[1, 2, 3], [4], [5]]);
  });

  test('my own stands for itself', () => {
    expect(told([joined(1, 2), joined(2, me.id), joined(3, 4)])).toEqual([[1], [2], [3]]);
  });

  test('another event, another day and who was added by another do not mix', () => {
    const added = (seq: number, by: number) => joined(seq, seq + 10, { event: 'user_added', actor_id: by });
    expect(told([joined(1, 2), joined(2, 3, { event: 'user_left' })])).toEqual([[1], [2]]);
    expect(told([joined(1, 2), { ...joined(2, 3), created_at: row(2, 24 * 60).created_at }])).toEqual([[1], [2]]);
    expect(told([added(1, 7), added(2, 7), added(3, 8)])).toEqual([[1, 2], [3]]);
  });

  test('keep their key when earlier ones are fetched', () => {
    const last = joined(9, 4);
    expect(list([joined(8, 3), last]).at(-1)?.key).toBe(list([last]).at(-1)?.key);
  });
});

describe('the New line', () => {
  test('stands once, above the first unread row of somebody else', () => {
    const items = list([row(1, 0), row(2, 1, { user_id: 1, username: 'me' }), row(3, 2), row(4, 3)], 1);
    expect(items.map((item) => item.fresh)).toEqual([false, false, true, false]);
  });

  test('is not there when everything was read', () => {
    expect(list([row(1, 0), row(2, 1)]).some((item) => item.fresh)).toBe(false);
  });
});

test('a pending send keeps its key when it becomes a row', () => {
  const pending = { id: 'c1', room_id: 1, user_id: 1, content: 'x', created_at: row(1, 0).created_at };
  const before = listItems({
    rows: [],
    pending: [{ ...pending, kind: 'send', state: 'sending' }],
    me,
    readUpTo: undefined,
    complete: true,
  });
  const after = list([row(9, 0, { client_id: 'c1', user_id: 1, username: 'me' })]);
  expect(before[0]?.key).toBe(after[0]?.key);
});

test('a conversation of two begins with its first words', () => {
  const rows = [row(1, 0, { type: 'system', event: 'room_created' }), row(2, 1)];
  const items = listItems({ rows, pending: [], me, readUpTo: undefined, complete: true, direct: true });
  expect(items.map((item) => [item.seq, item.start])).toEqual([[2, true]]);
});

test('the key of a row is its author’s own word only when that is me', () => {
  const keys = [row(1, 0, { client_id: 'c1' }), row(2, 1, { client_id: 'c1' })].map((one) => list([one])[0]?.key);
  expect(keys).toEqual(['m1', 'm2']);
});

test('an item that is as it was before is the very same', () => {
  const before = list([row(1, 0), row(2, 1), row(3, 2)]);
  const after = reuse(list([row(1, 0), row(2, 1, { content: 'another' }), row(3, 2), row(4, 3)]), before);
  expect(after.slice(0, 3).every((item, index) => item === before[index])).toBe(true);
  expect(reuse(list([row(2, 1), row(3, 2)]), before)[0]).not.toBe(before[1]);
});
