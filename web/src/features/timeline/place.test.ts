import { expect, test } from 'vitest';
import { Place } from './place';

const drawn = (...keys: string[]) => {
  const place = new Place();
  place.drawn(keys);
  return place;
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
  expect(new Place().shifts(['a'])).toBe(false);
});

test('it sticks to the end within sixty pixels', () => {
  const place = new Place();
  place.scrolled({ offset: 1000, size: 500, total: 1560 });
  expect(place.stuck).toBe(true);
  place.scrolled({ offset: 1000, size: 500, total: 1561 });
  expect(place.stuck).toBe(false);
});
