import { expect, test } from 'vitest';
import { type Place, parsePlace, placeOf, placesIn, roomOf } from './place';

test('a place is read back as it was written', () => {
  expect(placeOf(7)).toBe('7');
  expect(placeOf(7, 4711)).toBe('7/4711');
  for (const parts of [{ roomId: 7 }, { roomId: 7, thread: 4711 }, { roomId: 2 ** 52, thread: 2 ** 53 - 1 }]) {
    expect(parsePlace(placeOf(parts.roomId, parts.thread))).toEqual(parts);
    expect(roomOf(placeOf(parts.roomId, parts.thread))).toBe(parts.roomId);
  }
});

test('what is no place is none', () => {
  for (const key of ['', 'x', '7/', '/7', '7/8/9', '-7', '7.5', ' 7']) expect(parsePlace(key)).toBeUndefined();
});

test('the places of a room are its own and its threads, not those of another that begins with the same digit', () => {
  const record: Record<Place, number> = { '7': 1, '7/3': 2, '70': 3, '70/7': 4 };
  expect(placesIn(record, 7)).toEqual(['7', '7/3']);
});
