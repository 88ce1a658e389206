import { expect, test } from 'vitest';
import type { Member, Presence } from '../../gen/wire';
import { member } from '../../state/samples';
import { type Line, listMembers } from './lines';

const presences: Readonly<Record<number, Presence>> = { 2: 'online', 5: 'away', 9: 'online' };
const presenceOf = (id: number) => presences[id] ?? 'offline';
const told = (lines: readonly Line[]) =>
  lines.map((line) =>
    line.kind === 'member' ? line.member.user.id : `${line.presence} ${'count' in line ? line.count : 'more'}`,
  );
const some = [member(1), member(2), member(5), member(9), member(3)];

test('where not all have come, the server says how many there are', () => {
  const lines = listMembers({ members: some, presenceOf, total: 5002, online: 40, more: { online: true, all: true } });
  expect(told(lines)).toEqual(['online 40', 2, 5, 9, 'online more', 'offline 4962', 1, 3, 'offline more']);
});

test('who is here is counted once all of them have come', () => {
  const lines = listMembers({ members: some, presenceOf, total: 5002, online: 40, more: { online: false, all: true } });
  expect(told(lines).slice(0, 5)).toEqual(['online 3', 2, 5, 9, 'offline 4999']);
});

test('where all have come, by presence and name', () => {
  const lines = listMembers({ members: some, presenceOf, total: 5, online: 3, more: { online: false, all: false } });
  expect(told(lines)).toEqual(['online 2', 2, 9, 'away 1', 5, 'offline 2', 1, 3]);
});

test('ten thousand people are listed in time that grows with their number, not with its square', () => {
  const crowd = (count: number) => Array.from({ length: count }, (_, at) => member(at + 1));
  const time = (members: readonly Member[]) => {
    const took = Array.from({ length: 5 }, () => {
      const began = performance.now();
      listMembers({ members, presenceOf, total: members.length, online: 3, more: { online: false, all: false } });
      return performance.now() - began;
    });
    return Math.min(...took);
  };
  // Eight times as many take about eight times as long, and sixty-four times where each is copied for each.
  expect(time(crowd(40_000)) / time(crowd(5000))).toBeLessThan(32);
});
