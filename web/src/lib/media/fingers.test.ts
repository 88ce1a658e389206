import { expect, test } from 'vitest';
import { dragged, lifted, NO_FINGERS, putAway, swiped, touched } from './fingers';

const at = (x: number, y = 0) => ({ x, y });

test('a hand that trembles moves nothing: that is a click', () => {
  const { fingers, move } = dragged(touched(NO_FINGERS, 1, at(10)), 1, at(12, 2));
  expect(move).toBeUndefined();
  expect(fingers.moved).toBe(false);
});

test('one finger moves the picture, and its end is no click', () => {
  const { fingers, move } = dragged(touched(NO_FINGERS, 1, at(10)), 1, at(40, 5));
  expect(move).toMatchObject({ factor: 1, by: { x: 30, y: 5 } });
  expect(fingers.moved).toBe(true);
});

test('two fingers zoom by their distance around the middle between them, and move it with them', () => {
  const two = touched(touched(NO_FINGERS, 1, at(-50)), 2, at(50));
  expect(dragged(two, 2, at(150)).move).toEqual({ factor: 2, at: at(0), by: { x: 50, y: 0 } });
});

test('who lifts one of two fingers goes on with the other, without a jump', () => {
  const two = touched(touched(NO_FINGERS, 1, at(-50)), 2, at(50));
  const one = lifted(two, 1);
  expect(dragged(one, 2, at(55)).move).toMatchObject({ factor: 1, by: { x: 5, y: 0 } });
  expect(swiped(one, at(400))).toBeUndefined();
});

test('what never came down moves nothing', () => {
  expect(dragged(NO_FINGERS, 7, at(9)).move).toBeUndefined();
});

test('sideways is a swipe, across is none, nor is a short one', () => {
  const one = touched(NO_FINGERS, 1, at(200));
  expect(swiped(one, at(100))).toBe(1);
  expect(swiped(one, at(290, 20))).toBe(-1);
  expect(swiped(one, at(100, 90))).toBeUndefined();
  expect(swiped(one, at(170))).toBeUndefined();
});

test('up or down puts it away; askew, a little, or with two does not', () => {
  const one = touched(NO_FINGERS, 1, at(200, 300));
  expect(putAway(one, at(210, 400))).toBe(true);
  expect(putAway(one, at(190, 200))).toBe(true);
  expect(putAway(one, at(290, 400))).toBe(false);
  expect(putAway(one, at(200, 330))).toBe(false);
  expect(putAway(touched(one, 2, at(0)), at(200, 400))).toBe(false);
});
