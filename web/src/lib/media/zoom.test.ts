import { expect, test } from 'vitest';
import {
  covering,
  fitted,
  inFrame,
  kept,
  MIDDLE,
  panned,
  toggled,
  type View,
  WHOLE,
  wheelFactor,
  zoomed,
} from './zoom';

const frame = { width: 1000, height: 800 };
const picture = { width: 2000, height: 1000 };
const whole = fitted(picture, frame);

/** Where a point of the whole picture is drawn. */
const drawn = (view: View, x: number, y: number) => ({ x: x * view.scale + view.x, y: y * view.scale + view.y });

test('a large picture fits, a small one is not blown up', () => {
  expect(fitted(picture, frame)).toEqual({ width: 1000, height: 500 });
  expect(fitted({ width: 300, height: 100 }, frame)).toEqual({ width: 300, height: 100 });
});

test('what is under the pointer stays there while one zooms', () => {
  const at = { x: 200, y: 50 };
  const near = zoomed(WHOLE, 4, at, whole, frame);
  expect(drawn(near, 200, 50)).toEqual(at);
  const nearer = zoomed(near, 1.5, { x: -100, y: 100 }, whole, frame);
  const [x, y] = [(-100 - near.x) / near.scale, (100 - near.y) / near.scale];
  expect(drawn(nearer, x, y).x).toBeCloseTo(-100);
  expect(drawn(nearer, x, y).y).toBeCloseTo(100);
});

test('never smaller than whole, never endlessly near', () => {
  expect(zoomed(WHOLE, 0.1, { x: 300, y: 0 }, whole, frame)).toEqual(WHOLE);
  expect(zoomed(WHOLE, 1e9, MIDDLE, whole, frame).scale).toBe(8);
});

test('whole again, it stands in the middle again', () => {
  const near = zoomed(WHOLE, 4, { x: 400, y: 200 }, whole, frame);
  expect(zoomed(near, 0.01, { x: -400, y: -200 }, whole, frame)).toEqual(WHOLE);
});

test('it is moved as far as there is more of it, and not beyond its edge', () => {
  const near = { scale: 2, x: 0, y: 0 };
  expect(panned(near, { x: 10_000, y: -10_000 }, whole, frame)).toEqual({ scale: 2, x: 500, y: -100 });
  expect(panned(WHOLE, { x: 90, y: 90 }, whole, frame)).toEqual(WHOLE);
});

test('a smaller window takes it back between its edges', () => {
  expect(kept({ scale: 2, x: 500, y: 0 }, { width: 1600, height: 800 }, { width: 2000, height: 800 })).toEqual({
    scale: 2,
    x: 500,
    y: 0,
  });
  expect(kept({ scale: 1, x: 500, y: 0 }, { width: 400, height: 200 }, { width: 400, height: 800 })).toEqual(WHOLE);
});

test('two taps come near at that place, and go back', () => {
  const near = toggled(WHOLE, { x: 100, y: 0 }, whole, frame);
  expect(near.scale).toBeGreaterThan(2);
  expect(drawn(near, 100, 0).x).toBeCloseTo(100);
  expect(toggled(near, MIDDLE, whole, frame)).toEqual(WHOLE);
});

test('a wheel zooms in one direction and back, by lines as by pixels, and a jump is no leap', () => {
  const turn = (deltaY: number, deltaMode = 0, ctrlKey = false) => wheelFactor({ deltaY, deltaMode, ctrlKey });
  expect(turn(-100)).toBeGreaterThan(1);
  expect(turn(-100) * turn(100)).toBeCloseTo(1);
  expect(turn(-3, 1)).toBeCloseTo(turn(-48));
  expect(turn(-10, 0, true)).toBeGreaterThan(turn(-10));
  expect(turn(-100_000)).toBeLessThan(2);
});

test('a square that is covered shows the middle of a picture, and what one moves into it', () => {
  const square = { width: 280, height: 280 };
  const covers = covering(picture, square);
  expect(covers).toEqual({ width: 560, height: 280 });
  expect(inFrame(WHOLE, covers, square, picture)).toEqual({ x: 500, y: 0, width: 1000, height: 1000 });
  const left = panned(WHOLE, { x: 10_000, y: 10_000 }, covers, square);
  expect(inFrame(left, covers, square, picture)).toEqual({ x: 0, y: 0, width: 1000, height: 1000 });
  const near = zoomed(WHOLE, 2, MIDDLE, covers, square);
  expect(inFrame(near, covers, square, picture)).toEqual({ x: 750, y: 250, width: 500, height: 500 });
  const corner = panned(near, { x: -10_000, y: -10_000 }, covers, square);
  expect(inFrame(corner, covers, square, picture)).toEqual({ x: 1500, y: 500, width: 500, height: 500 });
  // A small one is blown up: nothing of the square stays empty.
  expect(covering({ width: 20, height: 40 }, square)).toEqual({ width: 280, height: 560 });
});
