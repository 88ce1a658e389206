import { expect, test } from 'vitest';
import { findEmoji, loadEmoji } from './data';
import { searchEmoji } from './search';
import { toned } from './tones';

test.each([
  ['tada', '🎉'],
  ['+1', '👍️'],
  ['heart', '❤️'],
  ['rocket', '🚀'],
])(':%s finds %s first', async (query, emoji) => {
  const [first] = await searchEmoji(query, 'en');
  expect(first?.emoji.replace('\ufe0f', '')).toBe(emoji.replace('\ufe0f', ''));
});

test('Chinese words, pinyin and the usual short names find emoji in Chinese', async () => {
  const found = async (query: string) => (await searchEmoji(query, 'zh-Hans', 20)).map((one) => one.emoji);
  expect(await found('火箭')).toContain('🚀');
  expect(await found('huo_jian')).toContain('🚀');
  expect(await found('rocket')).toContain('🚀');
});

test('nothing for nothing, and no more than the limit', async () => {
  const data = await loadEmoji('en');
  expect(findEmoji(data, ' ', 8)).toEqual([]);
  expect(findEmoji(data, 'a', 5)).toHaveLength(5);
});

test('a label stands with each', async () => {
  const [first] = await searchEmoji('tada', 'zh-Hans');
  expect(first?.label).toMatch(/\p{Script=Han}/u);
  expect(first?.name).toBe('tada');
});

test('a tone follows the first character and replaces the picture selector', () => {
  expect(toned('👋', 0)).toBe('👋🏻');
  expect(toned('☝️', 4)).toBe('☝🏿');
  expect(toned('👩‍💻', 2)).toBe('👩🏽‍💻');
});
