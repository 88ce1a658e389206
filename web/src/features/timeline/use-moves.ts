/** How the list of a timeline is moved: to a row, to its end, and back where it stood. */
import { type RefObject, useCallback, useRef } from 'react';
import type { VListHandle } from 'virtua';
import { Aim, type Stand } from './aim';
import { Hold } from './hold';

/** Of the list within `frame`, which shows the rows with these keys. */
export function useMoves(
  frame: RefObject<HTMLElement | null>,
  list: RefObject<VListHandle | null>,
  keys: readonly string[],
) {
  const hold = useRef(new Hold());
  const aim = useRef(new Aim());
  const shown = useRef(keys);
  shown.current = keys;
  const view = useCallback(() => frame.current?.querySelector('.tl-list') ?? undefined, [frame]);
  const toRow = useCallback(
    (row: string | undefined, stand: Stand) => {
      const element = view();
      if (row === undefined || !element || !list.current) return;
      hold.current.rest();
      aim.current.take(row, stand);
      aim.current.lead(list.current, shown.current, element);
    },
    [list, view],
  );
  // Once: who stands there is led there again whenever rows change their height.
  const toEnd = useCallback(() => {
    hold.current.rest();
    aim.current.release();
    const element = view();
    if (element) element.scrollTop = element.scrollHeight;
  }, [view]);
  /** Another list: nothing is known of it. */
  const begin = () => {
    hold.current = new Hold();
    aim.current = new Aim();
  };
  /** Who scrolls goes where they want to, whatever is still being measured. */
  const byHand = () => aim.current.release();
  return { hold, aim, view, toRow, toEnd, begin, byHand };
}
