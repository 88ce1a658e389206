import { describe, expect, test } from 'vitest';
import type { Room } from '../../gen/wire';
import { room } from '../../state/samples';
import { byName, bySection, keepOrder, roomBeside } from './order';

const ids = (rooms: readonly Room[]) => rooms.map(({ id }) => id);
const direct = { kind: 'direct' } as const;

describe('the order of the list', () => {
  test('conversations come after rooms', () => {
    expect(ids(bySection([room(1, direct), room(2), room(3, direct), room(4)]))).toEqual([2, 4, 1, 3]);
  });

  test('by name as a dictionary has it, numbers by their value', () => {
    const named = [
      room(1, { name: 'b10' }),
      room(2, { name: 'B9' }),
      room(3, { name: 'Äpfel' }),
      room(4, { name: 'az' }),
    ];
    expect(ids(byName(named, ({ name }) => name, 'en'))).toEqual([3, 4, 2, 1]);
    // By their sound, which is not the order of their signs.
    const chinese = [room(1, { name: '北京' }), room(2, { name: '阿里' }), room(3, { name: '周会' })];
    expect(ids(byName(chinese, ({ name }) => name, 'zh-Hans'))).toEqual([2, 1, 3]);
  });

  test('what a dictionary does not tell apart stands in the order in which it was made', () => {
    const alike = [room(3, { name: 'ops' }), room(1, { name: 'Ops' }), room(2, { name: 'ops' })];
    expect(ids(byName(alike, ({ name }) => name, 'en'))).toEqual([1, 2, 3]);
  });

  test('what is held stays where it is; what is new comes at the end of its section, what is gone goes', () => {
    const all = Object.fromEntries(
      [room(1), room(2), room(4), room(5, direct), room(6, direct)].map((one) => [one.id, one]),
    );
    const now = [room(4), room(2), room(1), room(6, direct), room(5, direct)];
    expect(ids(keepOrder([1, 2, 3, 5], now, all))).toEqual([1, 2, 4, 5, 6]);
  });

  test('one step leads to the next that is wanted, round the ends, and into the list from elsewhere', () => {
    const rooms = [room(1), room(2, { unread: 1 }), room(3)];
    const beside = (here: number | undefined, by: 1 | -1, unread = false) =>
      roomBeside(rooms, here, by, (one) => !unread || (one.unread ?? 0) > 0)?.id;
    expect([beside(1, 1), beside(2, 1), beside(3, 1)]).toEqual([2, 3, 1]);
    expect([beside(1, -1), beside(2, -1), beside(3, -1)]).toEqual([3, 1, 2]);
    expect([beside(9, 1), beside(9, -1), beside(undefined, 1)]).toEqual([1, 3, 1]);
    expect([beside(1, 1, true), beside(3, 1, true), beside(2, 1, true)]).toEqual([2, 2, 2]);
    expect(roomBeside([], 1, 1, () => true)).toBeUndefined();
  });

  test('what was left goes also where the room can still be looked at', () => {
    const all = { 1: room(1), 2: room(2, { my_role: null }) };
    expect(ids(keepOrder([1, 2], [room(1)], all))).toEqual([1]);
  });

  test('what is read stays also where only the unread are shown', () => {
    const all = { 1: room(1), 2: room(2) };
    expect(ids(keepOrder([1, 2], [room(2)], all))).toEqual([1, 2]);
  });
});
