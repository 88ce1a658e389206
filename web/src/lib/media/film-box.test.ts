import { expect, test } from 'vitest';
import { filmBox } from './film-box';

test.each([
  [1920, 1080],
  [1080, 1920],
  [64, 48],
])('a video of %d × %d keeps its shape, and fills its place', (width, height) => {
  const box = filmBox(width, height);
  expect(box.shape).toBe(`${width} / ${height}`);
  const high = (box.width * height) / width;
  expect(box.width === 420 || Math.abs(high - 320) < 1).toBe(true);
  expect(box.width).toBeLessThanOrEqual(420);
  expect(high).toBeLessThan(321);
});

test('one of an unknown shape has a place all the same', () => {
  expect(filmBox(null, 0)).toEqual({ width: 420, shape: '16 / 9' });
});
