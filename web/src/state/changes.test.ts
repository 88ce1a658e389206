import { expect, test } from 'vitest';
import type { Message } from '../gen/wire';
import { type Change, withChange } from './changes';

const AT = '2026-11-21T12:00:00.000Z';
const message: Message = {
  id: 1,
  room_id: 7,
  seq: 1,
  user_id: 1,
  username: 'me',
  type: 'text',
  content: 'x',
  created_at: AT,
  mentions: [2],
  mentions_room: true,
  mention_spans: [],
  guest: false,
};
const change = (kind: Change['kind'], state: Change['state']): Change => ({
  id: 'c',
  message_id: 1,
  kind,
  content: 'y',
  created_at: '2026-11-21T13:00:00.000Z',
  state,
});

test('an edit shows as the text it is going to be', () => {
  const next = withChange(message, change('edit', 'queued'));
  expect(next).toMatchObject({ content: 'y', edited_at: '2026-11-21T13:00:00.000Z' });
});

test('a recall shows as taken back, and names nobody', () => {
  const next = withChange(message, change('recall', 'queued'));
  expect(next).toMatchObject({
    content: '',
    recalled_at: '2026-11-21T13:00:00.000Z',
    mentions: [],
    mentions_room: false,
    mention_spans: [],
  });
});

test('what was refused leaves the message as it is', () => {
  expect(withChange(message, change('edit', 'failed'))).toBe(message);
});
