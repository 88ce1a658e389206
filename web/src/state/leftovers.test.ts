import { expect, test } from 'vitest';
import { leftIn } from './leftovers';
import type { Send } from './steps';

const entry = (id: string, room_id: number, state: Send['state']): Send => ({
  kind: 'send',
  id,
  room_id,
  user_id: 1,
  content: id,
  created_at: '2026-11-21T12:00:00.000Z',
  state,
});

test('what was written in a room is all found: sends, drafts, and what lies beneath them', () => {
  const entries = [
    entry('queued', 7, 'queued'),
    entry('failed', 7, 'failed'),
    entry('sent', 7, 'sent'),
    entry('elsewhere', 8, 'queued'),
  ];
  const places = {
    '7': { text: 'edit', editing: { id: 5, original: 'x' }, kept: { text: 'beneath' } },
    '7/9': { text: 'in a thread' },
    '8': { text: 'elsewhere' },
    '77': { text: 'elsewhere' },
  } as const;
  expect(leftIn(7, places, entries).map(({ text }) => text)).toEqual([
    'queued',
    'failed',
    'edit',
    'beneath',
    'in a thread',
  ]);
});
