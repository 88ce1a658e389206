/** Gestures on a picture in its frame: dragging, two fingers, the wheel. What a tap or a swipe means is not decided here. */
import { type PointerEvent, type RefObject, useEffect, useRef } from 'react';
import { dragged, type Fingers, lifted, NO_FINGERS, pulled, touched } from '../../lib/media/fingers';
import { type Point, panned, type Size, type View, wheelFactor, zoomed } from '../../lib/media/zoom';

export interface Gestured {
  readonly view: View;
  /** Its size where the scale is 1. */
  readonly whole: Size;
  readonly frame: Size;
  onView(view: View, glide?: boolean): void;
  /** A finger pulls the whole picture so far, or nothing does any more. */
  onPull?: ((by: Point) => void) | undefined;
}

const UNPULLED: Point = { x: 0, y: 0 };

export function useGestures(ref: RefObject<HTMLElement | null>, { view, whole, frame, onView, onPull }: Gestured) {
  const fingers = useRef<Fingers>(NO_FINGERS);
  // Pointers and wheels tell more than once between two drawings: each goes on from what the one before has done.
  const latest = useRef(view);
  latest.current = view;
  const look = (next: View, glide?: boolean) => {
    latest.current = next;
    onView(next, glide);
  };

  /** From the middle of the frame. */
  const pointOf = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const box = ref.current?.getBoundingClientRect();
    if (!box) return { x: 0, y: 0 };
    return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
  };

  const wheel = useRef<(event: WheelEvent) => void>(undefined);
  wheel.current = (event) => {
    event.preventDefault();
    look(zoomed(latest.current, wheelFactor(event), pointOf(event), whole, frame));
  };
  // React's own listener cannot keep the page from being zoomed with it.
  useEffect(() => {
    const element = ref.current;
    const onWheel = (event: WheelEvent) => wheel.current?.(event);
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [ref]);

  const onPointerMove = (event: PointerEvent) => {
    const { fingers: next, move } = dragged(fingers.current, event.pointerId, pointOf(event));
    fingers.current = next;
    if (!move) return;
    if (latest.current.scale === 1 && move.factor === 1) onPull?.(pulled(next, pointOf(event)));
    else onPull?.(UNPULLED);
    const near = zoomed(latest.current, move.factor, move.at, whole, frame);
    look(panned(near, move.by, whole, frame));
  };

  return {
    latest,
    look,
    pointOf,
    onPointerMove,
    down(event: PointerEvent<HTMLElement>) {
      event.currentTarget.setPointerCapture(event.pointerId);
      fingers.current = touched(fingers.current, event.pointerId, pointOf(event));
    },
    /** How they were before this one was lifted, where it was down. */
    up({ pointerId }: PointerEvent): Fingers | undefined {
      const before = fingers.current;
      fingers.current = lifted(before, pointerId);
      onPull?.(UNPULLED);
      return pointerId in before.down ? before : undefined;
    },
  };
}
