/** How many pictures stand side by side. */
import { type RefObject, useLayoutEffect, useState } from 'react';

const LEAST = 3;

export function useColumns(scroller: RefObject<HTMLElement | null>, least: number): number {
  const [columns, setColumns] = useState(LEAST);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => setColumns(Math.max(LEAST, Math.floor(element.clientWidth / least)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  });
  return columns;
}
