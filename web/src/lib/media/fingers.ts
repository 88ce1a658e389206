/** Pointers on a picture: one moves it, two zoom it, one that goes sideways over a whole picture leads to the next, up or down away. */
import type { Point } from './zoom';

export interface Fingers {
  readonly down: Readonly<Record<number, Point>>;
  /** Where the first came down, as long as it is the only one there was. */
  readonly from: Point | undefined;
  /** Something was moved: the end of it is no click. */
  readonly moved: boolean;
}

export const NO_FINGERS: Fingers = { down: {}, from: undefined, moved: false };

/** What a move does to the picture: zooming first, around `at`. */
export interface Move {
  readonly factor: number;
  readonly at: Point;
  readonly by: Point;
}

/** A hand that presses a button trembles so much. */
const STILL = 4;
const SWIPE = 60;

export function touched(fingers: Fingers, id: number, at: Point): Fingers {
  const alone = Object.keys(fingers.down).length === 0;
  return {
    down: { ...fingers.down, [id]: at },
    from: alone ? at : undefined,
    moved: !alone,
  };
}

export function dragged(fingers: Fingers, id: number, to: Point): { fingers: Fingers; move: Move | undefined } {
  const before = fingers.down[id];
  if (!before) return { fingers, move: undefined };
  const down = { ...fingers.down, [id]: to };
  const moved = fingers.moved || (fingers.from !== undefined && distance(fingers.from, to) > STILL);
  const next = { ...fingers, down, moved };
  const other = Object.entries(fingers.down).find(([held]) => Number(held) !== id)?.[1];
  if (!other) {
    const by = { x: to.x - before.x, y: to.y - before.y };
    return { fingers: next, move: moved ? { factor: 1, at: to, by } : undefined };
  }
  const [middle, was] = [between(other, to), between(other, before)];
  const factor = distance(other, to) / Math.max(1, distance(other, before));
  return { fingers: next, move: { factor, at: was, by: { x: middle.x - was.x, y: middle.y - was.y } } };
}

export function lifted(fingers: Fingers, id: number): Fingers {
  const { [id]: _gone, ...down } = fingers.down;
  return Object.keys(down).length === 0 ? NO_FINGERS : { ...fingers, down };
}

/** Which way one finger went over the picture: 1 to the left, as one turns to what lies on the right. */
export function swiped(fingers: Fingers, to: Point): 1 | -1 | undefined {
  if (!fingers.from) return undefined;
  const x = to.x - fingers.from.x;
  if (Math.abs(x) < SWIPE || Math.abs(x) < 2 * Math.abs(to.y - fingers.from.y)) return undefined;
  return x < 0 ? 1 : -1;
}

/** Whether one finger went up or down over the picture, as one puts it away. */
export function putAway(fingers: Fingers, to: Point): boolean {
  if (!fingers.from) return false;
  const y = to.y - fingers.from.y;
  return Math.abs(y) >= SWIPE && Math.abs(y) >= 2 * Math.abs(to.x - fingers.from.x);
}

/** How far one finger that lies on a whole picture has pulled it: to the side that it went first, or up and down. */
export function pulled({ from, moved }: Fingers, to: Point): Point {
  if (!from || !moved) return { x: 0, y: 0 };
  const [x, y] = [to.x - from.x, to.y - from.y];
  return Math.abs(x) > Math.abs(y) ? { x, y: 0 } : { x: 0, y };
}

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);
const between = (a: Point, b: Point) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
