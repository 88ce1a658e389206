/** A finger held still on a row asks for its actions; a moving one scrolls. */
import { type PointerEvent, useRef } from 'react';

const HOLD_MS = 450;
const SLOP_PX = 8;

export function useLongPress(onPress: (target: EventTarget) => void) {
  const held = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number }>(undefined);
  const stop = () => {
    if (held.current) clearTimeout(held.current.timer);
    held.current = undefined;
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      stop();
      if (event.pointerType !== 'touch') return;
      const { target, clientX: x, clientY: y } = event;
      held.current = { x, y, timer: setTimeout(() => onPress(target), HOLD_MS) };
    },
    onPointerMove: (event: PointerEvent) => {
      const start = held.current;
      if (start && Math.hypot(event.clientX - start.x, event.clientY - start.y) > SLOP_PX) stop();
    },
    onPointerUp: stop,
    onPointerCancel: stop,
  };
}
