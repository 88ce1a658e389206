import { expect, test } from 'vitest';
import { leftIn } from './leftovers';
import type { Change, Send } from './steps';

const entry = (id: string, room_id: number, state: Send['state']): Send => ({
  kind: 'send',
  id,
  room_id,
  user_id: 1,
  content: id,
  created_at: '2026-11-21T12:00:00.000Z',
  state,
});

const change = (kind: Change['kind'], id: string, room_id: number, state: Change['state']): Change => ({
  kind,
  id,
  room_id,
  message_id: 4,
  content: id,
  created_at: '2026-11-21T12:00:00.000Z',
  state,
});

test('what was written in a room is all found: sends, edits, drafts, and what lies beneath them', () => {
  const entries = [
    entry('queued', 7, 'queued'),
    entry('failed', 7, 'failed'),
    entry('sent', 7, 'sent'),
    entry('elsewhere', 8, 'queued'),
    change('edit', 'edited', 7, 'failed'),
    change('edit', 'edited elsewhere', 8, 'failed'),
    change('recall', 'recalled', 7, 'queued'),
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
    'edited',
    'edit',
    'beneath',
    'in a thread',
  ]);
});
