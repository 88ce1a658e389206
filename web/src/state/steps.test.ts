import { describe, expect, test } from 'vitest';
import type { Message } from '../gen/wire';
import { AT, message } from './samples';
import { type Change, pendingOf, type Send, type Step, showSteps, useSteps, withChange } from './steps';

const row = (id: number, more: Partial<Message> = {}) =>
  message(id, { user_id: 1, username: 'me', content: 'ok', ...more });
const entry = (id: string, more: Partial<Send> = {}): Send => ({
  kind: 'send',
  id,
  room_id: 7,
  user_id: 1,
  content: 'ok',
  created_at: AT,
  state: 'queued',
  ...more,
});
const shown = (entries: readonly Send[], rows: readonly Message[]) => pendingOf(entries, '7', rows).map(({ id }) => id);

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

describe('a message as it is going to be', () => {
  const stored = row(1, { mentions: [2], mentions_room: true });
  const common = { id: 'c', room_id: 7, message_id: 1, created_at: '2026-11-21T13:00:00.000Z' };
  const edit = (state: Change['state']): Change => ({ ...common, kind: 'edit', content: 'y', state });

  test('an edit shows as the text it is going to be', () => {
    expect(withChange(stored, edit('queued'))).toMatchObject({ content: 'y', edited_at: common.created_at });
  });

  test('a recall shows as taken back, and names nobody', () => {
    expect(withChange(stored, { ...common, kind: 'recall', state: 'queued' })).toMatchObject({
      content: '',
      recalled_at: common.created_at,
      mentions: [],
      mentions_room: false,
      mention_spans: [],
    });
  });

  test('what was refused leaves the message as it is', () => {
    expect(withChange(stored, edit('failed'))).toBe(stored);
  });
});

test('who looks at sends is not told of what is done to messages, nor the other way round', () => {
  const send = entry('a');
  const recall: Step = { ...entry('b'), kind: 'recall', message_id: 5 };
  showSteps([send]);
  const { sends } = useSteps.getState();
  showSteps([send, recall]);
  expect(useSteps.getState().sends).toBe(sends);
  const { changes } = useSteps.getState();
  showSteps([{ ...send, state: 'sending' }, recall]);
  expect(useSteps.getState().changes).toBe(changes);
});
