/** Which row is hot: the one under the mouse, or the one that keys have gone to. A list that moves under a hand at rest leaves it where it was until it stands again. */
import { type PointerEvent, type RefObject, useRef, useState } from 'react';

/** The key of the row that this lies in. */
export function keyOf(target: EventTarget | null): string | undefined {
  return target instanceof Element ? target.closest<HTMLElement>('.tl-row')?.dataset.key : undefined;
}

export function useHot(frame: RefObject<HTMLElement | null>) {
  const [hot, setHot] = useState<string>();
  /** Where the mouse is, as long as it is over the list. */
  const hand = useRef<{ x: number; y: number }>(undefined);
  /** Keys have gone to a row: where the mouse rests tells nothing until it moves. */
  const keys = useRef(false);
  const moving = useRef(false);
  const under = ({ clientX: x, clientY: y, target }: PointerEvent) => {
    hand.current = { x, y };
    setHot(keyOf(target));
  };
  return {
    hot,
    byKeys(key: string) {
      keys.current = true;
      setHot(key);
    },
    moves() {
      moving.current = true;
    },
    /** The browser does not always say over what a mouse at rest is now. */
    rests() {
      moving.current = false;
      const at = !keys.current && hand.current && document.elementFromPoint(hand.current.x, hand.current.y);
      if (at && frame.current?.contains(at)) setHot(keyOf(at));
    },
    listeners: {
      onPointerMoveCapture(event: PointerEvent) {
        if (event.pointerType !== 'mouse') return;
        keys.current = false;
        under(event);
      },
      // Also told where rows move and the mouse does not.
      onPointerOver(event: PointerEvent) {
        if (event.pointerType === 'mouse' && !keys.current && !moving.current) under(event);
      },
      onPointerLeave() {
        hand.current = undefined;
        setHot(undefined);
      },
    },
  };
}
