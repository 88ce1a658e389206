import { expect, test } from 'vitest';
import { clockText } from './clock';

test('minutes are counted on, and hours stand only where there are any', () => {
  expect([0, 5.9, 65, 750, 3599, 3600, 3723].map(clockText)).toEqual([
    '0:00',
    '0:05',
    '1:05',
    '12:30',
    '59:59',
    '1:00:00',
    '1:02:03',
  ]);
});

test('what is not known yet, or is no time, is nothing', () => {
  expect([Number.NaN, Number.POSITIVE_INFINITY, -3].map(clockText)).toEqual(['0:00', '0:00', '0:00']);
});
