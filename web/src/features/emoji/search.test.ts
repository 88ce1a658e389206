import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { emojisOf, NO_EMOJIS, useEmojis } from '../../state/emojis';
import { AT } from '../../state/samples';
import { searchEmoji } from './search';

const named = (...names: string[]) =>
  emojisOf(
    1,
    names.map((name, id) => ({ id, name, url: `/api/avatars/${name}`, created_by: 2, created_at: AT })),
  );

beforeEach(() => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('away')));
  useEmojis.setState(named('rocket-launch', 'my-rocket', 'rock', 'sea'), true);
});
afterEach(() => {
  useEmojis.setState(NO_EMOJIS, true);
  vi.unstubAllGlobals();
});

test('the place\u2019s own come before the standard ones, the best first, written by their names', async () => {
  const found = await searchEmoji('rock', 'en');
  expect(found.slice(0, 3).map(({ emoji }) => emoji)).toEqual([':rock:', ':rocket-launch:', ':my-rocket:']);
  expect(found[0]?.picture).toBe('/api/avatars/rock');
  expect(found[3]).toMatchObject({ emoji: '🪨' });
  expect(found[3]?.picture).toBeUndefined();
});

test('one with the name of a standard one is found in its place', async () => {
  useEmojis.setState(named('tada'), true);
  expect((await searchEmoji('tada', 'en'))[0]).toMatchObject({ emoji: ':tada:', name: 'tada' });
});

test('no more than the limit, and without them the standard ones alone', async () => {
  expect(await searchEmoji('rock', 'en', 2)).toHaveLength(2);
  useEmojis.setState(NO_EMOJIS, true);
  expect((await searchEmoji('rocket', 'en'))[0]).toMatchObject({ emoji: '🚀' });
});
