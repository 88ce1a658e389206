import { expect, test } from 'vitest';
import { strengthOf } from './strength';

const LEAST = 8;

test.each(['short', '1234567', ''])('%j is too short', (password) => {
  expect(strengthOf(password, LEAST)).toBe(0);
});

test.each(['password', 'passw0rd', 'P@ssw0rd', 'qwertyuiop', '12345678', 'aaaaaaaaaaaa', 'abcdefghij', 'letmein123'])(
  '%j is easy to guess',
  (password) => {
    expect(strengthOf(password, LEAST)).toBeLessThanOrEqual(1);
  },
);

test.each(['correct horse battery staple', 'tide-lamp-orbit-cello', 'x9$Lq2!vR7'])('%j holds', (password) => {
  expect(strengthOf(password, LEAST)).toBeGreaterThanOrEqual(3);
});

test('the account’s own words are worth little', () => {
  const own = ['maya.lindqvist', 'maya@example.com'];
  expect(strengthOf('lindqvist2026', LEAST, own)).toBeLessThan(strengthOf('lindqvist2026', LEAST));
});

test('longer is never weaker', () => {
  const password = 'tide-lamp-orbit-cello-42';
  let last = 0;
  for (let length = LEAST; length <= password.length; length += 1) {
    const now = strengthOf(password.slice(0, length), LEAST);
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
});

test('a few Chinese characters count as what they are', () => {
  expect(strengthOf('月落乌啼霜满天星', LEAST)).toBeGreaterThanOrEqual(3);
});
