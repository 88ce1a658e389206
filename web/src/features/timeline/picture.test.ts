import { expect, test } from 'vitest';
import type { Attachment } from '../../gen/wire';
import { pixelsOf } from '../../ui/placeholder';
import { boxOf, thumbsOf } from './picture';

const file = (change: Partial<Attachment>): Attachment => ({
  id: 9,
  file_name: 'a.png',
  file_size: 3,
  file_type: 'image/png',
  category: 'image',
  waveform: [],
  thumbs: [256, 1024],
  width: 1600,
  height: 800,
  ...change,
});

test.each([
  [1600, 800],
  [800, 1600],
  [300, 200],
])('a picture of %d × %d keeps its shape, and is no larger than it is', (width, height) => {
  const box = boxOf(width, height);
  expect(box.ratio).toBeCloseTo(width / height, 1);
  expect(box.width).toBeLessThanOrEqual(Math.min(420, width));
  expect(box.width / box.ratio).toBeLessThanOrEqual(340.5);
});

test('however small or thin a picture is, it can be hit', () => {
  for (const [width, height] of [
    [1, 1],
    [8000, 10],
    [10, 8000],
  ] as const) {
    const box = boxOf(width, height);
    expect(box.width).toBeGreaterThanOrEqual(72);
    expect(box.width / box.ratio).toBeGreaterThanOrEqual(71.5);
  }
});

test('a picture nobody has measured has a place all the same', () => {
  expect(boxOf().width).toBeGreaterThan(300);
  expect(boxOf(0, 0).width).toBeGreaterThanOrEqual(72);
});

test('a browser is told how wide each smaller picture is, and takes the original only where they are too small', () => {
  expect(thumbsOf(file({}), 400)).toEqual({
    src: '/api/files/9?thumb=1024',
    srcSet: '/api/files/9?thumb=256 256w, /api/files/9?thumb=1024 1024w',
    sizes: '400px',
  });
  expect(thumbsOf(file({ width: 400, height: 800 }), 200).srcSet).toContain('thumb=256 128w');
  expect(thumbsOf(file({ thumbs: [256], width: 600, height: 300 }), 400).srcSet).toContain('/api/files/9 600w');
});

test('what moves, and what has no smaller picture, is shown as it is', () => {
  expect(thumbsOf(file({ file_type: 'image/gif' }), 400)).toEqual({});
  expect(thumbsOf(file({ thumbs: [] }), 400)).toEqual({});
});

test('a placeholder is a few pixels; what is none draws nothing', () => {
  const drawn = pixelsOf('3OcRJYB4d3h/iIeHeEh3eIhw+j3A');
  expect(drawn?.rgba.length).toBe((drawn?.w ?? 0) * (drawn?.h ?? 0) * 4);
  for (const hash of ['', '%%%', 'AAA=']) expect(pixelsOf(hash)).toBeUndefined();
});
