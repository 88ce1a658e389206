import { type RefObject, useLayoutEffect, useState } from 'react';
import type { Size } from '../../lib/media/zoom';

/** How much room an element has, as it changes. */
export function useRoom(element: RefObject<HTMLElement | null>): Size {
  const [room, setRoom] = useState<Size>({ width: 1, height: 1 });
  useLayoutEffect(() => {
    const held = element.current;
    if (!held) return;
    const measure = () => setRoom({ width: Math.max(1, held.clientWidth), height: Math.max(1, held.clientHeight) });
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(held);
    return () => watch.disconnect();
  }, [element]);
  return room;
}
