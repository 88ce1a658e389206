import { expect, test } from 'vitest';
import { bindingsOf } from '../../lib/keys';
import { ROW_ACTIONS } from './row-table';

/** Keys on a message that do nothing with it: they lead elsewhere. */
const WAYS = ['messageUp', 'messageDown', 'firstMessage', 'lastMessage', 'messageMenu', 'compose'];

test('every key on a message is a way, or in the table', () => {
  const keyed = bindingsOf('message')
    .map((one) => one.name)
    .filter((name) => !WAYS.includes(name));
  expect(keyed.filter((name) => !ROW_ACTIONS.some((action) => action.id === name))).toEqual([]);
  expect(keyed.length).toBeGreaterThan(3);
});

test('what stands in the bar has a key: who cannot point need not open the menu', () => {
  const names: string[] = bindingsOf('message').map((one) => one.name);
  expect(ROW_ACTIONS.filter((action) => action.bar && !names.includes(action.id))).toEqual([]);
});
