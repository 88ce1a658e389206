import { expect, test } from 'vitest';
import { barsPath, grouped, levelOf, PEAKS, Peaks } from './peaks';

function peaksOf(levels: Iterable<number>): number[] {
  const peaks = new Peaks();
  for (const level of levels) peaks.push(level);
  return peaks.take();
}

test('a short sound has as many peaks as it had levels, in proportion to its loudest', () => {
  expect(peaksOf([0, 0.2, 0.4, 0.1])).toEqual([0, 50, 100, 25]);
});

test('a long sound has 64 peaks from 0 to 100 and keeps its shape', () => {
  const levels = Array.from({ length: 36_000 }, (_, at) => (at < 18_000 ? 0.1 : 0.4));
  const peaks = peaksOf(levels);
  expect(peaks).toHaveLength(PEAKS);
  expect(new Set(peaks.slice(0, 31))).toEqual(new Set([25]));
  expect(new Set(peaks.slice(33))).toEqual(new Set([100]));
});

test('one loud moment in an hour is seen', () => {
  const levels = Array.from({ length: 72_000 }, (_, at) => (at === 60_123 ? 0.9 : 0.09));
  const peaks = peaksOf(levels);
  expect(peaks.filter((peak) => peak === 100)).toHaveLength(1);
  expect(peaks.indexOf(100) / PEAKS).toBeCloseTo(60_123 / 72_000, 1);
});

test('what was said last is there before its stretch is full', () => {
  const quiet = Array.from({ length: 4 * PEAKS }, () => 0);
  expect(peaksOf([...quiet, 0.8]).at(-1)).toBe(100);
});

test('the noise of an empty room is not blown up', () => {
  expect(Math.max(...peaksOf([0.01, 0.005, 0.01]))).toBe(20);
  expect(peaksOf([])).toEqual([]);
});

test('a group has the loudest of those in it', () => {
  expect(grouped([1, 9, 3, 4, 5], 2)).toEqual([9, 5]);
  expect(grouped([1, 2], 64)).toEqual([1, 2]);
});

test('a level is the height of the sound, on either side', () => {
  expect(levelOf(new Float32Array([0, 0.25, -0.75]))).toBe(0.75);
  expect(levelOf(new Float32Array([2]))).toBe(1);
});

test('each peak is a bar round the middle, the quietest a dot', () => {
  expect(barsPath([100, 0, 50], 20)).toBe('M1 0v20M4 9v2M7 5v10');
});
