import { expect, test } from 'vitest';
import { Stance } from './stance';

const drawn = (...keys: string[]) => {
  const stance = new Stance();
  stance.drawn(keys);
  return stance;
};

test('older rows at the start keep the distance to the end', () => {
  expect(drawn('c', 'd').shifts(['a', 'b', 'c', 'd'])).toBe(true);
});

test('newer rows at the end do not', () => {
  expect(drawn('c', 'd').shifts(['c', 'd', 'e'])).toBe(false);
});

test('rows let go at the start do', () => {
  expect(drawn('a', 'b', 'c').shifts(['b', 'c'])).toBe(true);
});

test('another part of the log does not', () => {
  expect(drawn('a', 'b').shifts(['x', 'y'])).toBe(false);
});

test('the first drawing does not', () => {
  expect(new Stance().shifts(['a'])).toBe(false);
});

test('it sticks to the end within sixty pixels', () => {
  const stance = new Stance();
  stance.scrolled({ offset: 1000, size: 500, total: 1560 });
  expect(stance.stuck).toBe(true);
  stance.scrolled({ offset: 1000, size: 500, total: 1561 });
  expect(stance.stuck).toBe(false);
});
