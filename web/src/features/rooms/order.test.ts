import { describe, expect, test } from 'vitest';
import type { Room } from '../../gen/wire';
import { byName, bySection, keepOrder } from './order';

function room(id: number, change: Partial<Room> = {}): Room {
  return {
    id,
    name: `Room ${id}`,
    description: '',
    kind: 'room',
    is_private: false,
    created_by: 1,
    created_at: '2026-11-21T12:00:00.000Z',
    updated_at: '2026-11-21T12:00:00.000Z',
    last_seq: 1,
    member_count: 1,
    my_role: 'member',
    peers: [],
    ...change,
  };
}
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
    const chinese = [room(1, { name: '周会' }), room(2, { name: '北京' })];
    expect(ids(byName(chinese, ({ name }) => name, 'zh-Hans'))).toEqual([2, 1]);
  });

  test('what is held stays where it is; what is new comes at the end of its section, what is gone goes', () => {
    const all = Object.fromEntries(
      [room(1), room(2), room(4), room(5, direct), room(6, direct)].map((one) => [one.id, one]),
    );
    const now = [room(4), room(2), room(1), room(6, direct), room(5, direct)];
    expect(ids(keepOrder([1, 2, 3, 5], now, all))).toEqual([1, 2, 4, 5, 6]);
  });

  test('what is read stays also where only the unread are shown', () => {
    const all = { 1: room(1), 2: room(2) };
    expect(ids(keepOrder([1, 2], [room(2)], all))).toEqual([1, 2]);
  });
});
