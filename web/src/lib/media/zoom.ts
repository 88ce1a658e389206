/**
 * How a picture is looked at: so many times as large as it is when it is whole, moved so far from the middle. Points and moves are in
 * pixels of the page, points from the middle of the frame.
 */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 };
export const MIDDLE: Point = { x: 0, y: 0 };
/** What one press of a key or a button does, and what two taps do. */
export const STEP = 1.5;
export const NEAR = 2.5;
export const NEAREST = 8;

/** As large as it fits in, never larger than it is. */
export function fitted(picture: Size, frame: Size): Size {
  const scale = Math.min(1, frame.width / picture.width, frame.height / picture.height);
  return { width: picture.width * scale, height: picture.height * scale };
}

/** As small as it leaves nothing of the frame empty. */
export function covering(picture: Size, frame: Size): Size {
  const scale = Math.max(frame.width / picture.width, frame.height / picture.height);
  return { width: picture.width * scale, height: picture.height * scale };
}

/** Larger or smaller, while what is under the point stays there. `whole` is its size where the scale is 1, here and below. */
export function zoomed(view: View, factor: number, at: Point, whole: Size, frame: Size): View {
  const scale = Math.min(NEAREST, Math.max(1, view.scale * factor));
  const by = scale / view.scale;
  return kept({ scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by }, whole, frame);
}

export function panned(view: View, by: Point, whole: Size, frame: Size): View {
  return kept({ ...view, x: view.x + by.x, y: view.y + by.y }, whole, frame);
}

/** Near, or whole again. */
export function toggled(view: View, at: Point, whole: Size, frame: Size): View {
  return view.scale > 1 ? WHOLE : zoomed(view, NEAR, at, whole, frame);
}

/** Its edges are never within the frame where there is more of it outside. */
export function kept({ scale, x, y }: View, whole: Size, frame: Size): View {
  const within = (moved: number, size: number, room: number) => {
    const most = Math.max(0, (size * scale - room) / 2);
    // Not −0, which is another number to who compares.
    return Math.min(most, Math.max(-most, moved)) || 0;
  };
  return { scale, x: within(x, whole.width, frame.width), y: within(y, whole.height, frame.height) };
}

/** What of the picture lies in the frame, in its own pixels. */
export function inFrame(view: View, whole: Size, frame: Size, picture: Size): Size & Point {
  const { scale, x, y } = kept(view, whole, frame);
  // So many of its pixels are one of the page.
  const each = picture.width / (whole.width * scale);
  const [width, height] = [frame.width * each, frame.height * each];
  return {
    width,
    height,
    x: (picture.width - width) / 2 - x * each,
    y: (picture.height - height) / 2 - y * each,
  };
}

/** How much a turn of the wheel zooms; what two fingers do on a touchpad comes as small turns with Ctrl held. */
export function wheelFactor(turn: { deltaY: number; deltaMode: number; ctrlKey: boolean }): number {
  const lines = turn.deltaMode === 1 ? 16 : turn.deltaMode === 2 ? 400 : 1;
  const by = Math.min(300, Math.max(-300, turn.deltaY * lines));
  return Math.exp(-by * (turn.ctrlKey ? 0.01 : 0.002));
}
