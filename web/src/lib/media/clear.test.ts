import { rgbaToThumbHash } from 'thumbhash';
import { expect, test } from 'vitest';
import { isClear } from './clear';

const hashOf = (alpha: number) => {
  const pixels = Uint8Array.from({ length: 4 * 4 * 4 }, (_, at) => (at % 4 === 3 ? alpha : 90));
  return btoa(String.fromCharCode(...rgbaToThumbHash(4, 4, pixels)));
};

test('a picture that lets something through is told from one that does not', () => {
  expect(isClear(hashOf(120))).toBe(true);
  expect(isClear(hashOf(255))).toBe(false);
});

test('what is no placeholder tells nothing', () => {
  for (const none of [undefined, null, '', '%%%', 'AA==']) expect(isClear(none)).toBe(false);
});
