import { expect, test } from 'vitest';
import type { Message } from '../gen/wire';
import { type Pending, pendingOf } from './outbox';

const row = (id: number, more: Partial<Message> = {}): Message => ({
  id,
  room_id: 7,
  seq: id,
  user_id: 1,
  username: 'me',
  type: 'text',
  content: 'ok',
  created_at: '2026-11-21T12:00:00.000Z',
  mentions: [],
  mentions_room: false,
  mention_spans: [],
  guest: false,
  ...more,
});
const entry = (client_id: string, more: Partial<Pending> = {}): Pending => ({
  client_id,
  room_id: 7,
  user_id: 1,
  content: 'ok',
  created_at: '2026-11-21T12:00:00.000Z',
  state: 'queued',
  ...more,
});
const shown = (entries: readonly Pending[], rows: readonly Message[]) =>
  pendingOf(entries, '7', rows).map(({ client_id }) => client_id);

test('another author’s client id stands for nothing of mine', () => {
  expect(shown([entry('a')], [row(5, { user_id: 2, client_id: 'a' })])).toEqual(['a']);
  expect(shown([entry('a')], [row(5, { client_id: 'a' })])).toEqual([]);
});

test('a row that does not say which send it was stands for the one that is on its way, and for one only', () => {
  const entries = [entry('a', { state: 'sending', sent_after: 4 }), entry('b', { state: 'sending', sent_after: 4 })];
  expect(shown(entries, [row(5)])).toEqual(['b']);
  expect(shown(entries, [row(5), row(6)])).toEqual([]);
});

test('the same words said before, by others, or while nothing was sent are another message', () => {
  const sending = entry('a', { state: 'sending', sent_after: 5 });
  expect(shown([sending], [row(5)])).toEqual(['a']);
  expect(shown([sending], [row(6, { user_id: 2 })])).toEqual(['a']);
  expect(shown([entry('a')], [row(6)])).toEqual(['a']);
});
