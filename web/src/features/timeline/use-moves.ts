/** How the list of a timeline is moved: to a row, to its end, and back where it stood. */
import { type RefObject, useCallback, useRef } from 'react';
import type { VListHandle } from 'virtua';
import { Aim, END, type Stand } from './aim';
import { Hold } from './hold';

/** So many frames after it was led for the last time it is taken for reached. Rows are measured in frames, however long those take. */
const REACHED = 10;

/** Of the list within `frame`, which shows the rows with these keys; `reached` when it stands where it was led. */
export function useMoves(
  frame: RefObject<HTMLElement | null>,
  list: RefObject<VListHandle | null>,
  keys: readonly string[],
  reached: RefObject<() => void>,
) {
  const hold = useRef(new Hold());
  const aim = useRef(new Aim());
  const left = useRef(0);
  const shown = useRef(keys);
  shown.current = keys;
  const view = useCallback(() => frame.current?.querySelector('.tl-list'), [frame]);
  /** There again. False where it is led nowhere. */
  const lead = useCallback(() => {
    const [element, handle] = [view(), list.current];
    if (!element || !handle) return false;
    const led = aim.current.lead(handle, shown.current, element);
    if (led) {
      hold.current.anchor(handle, shown.current, element.scrollTop);
      const step = () => {
        left.current -= 1;
        if (left.current > 0) return requestAnimationFrame(step);
        aim.current.release();
        if (list.current) reached.current();
      };
      if (left.current === 0) requestAnimationFrame(step);
      left.current = REACHED;
    }
    return led;
  }, [list, view, reached]);
  const toRow = useCallback(
    (row: string | undefined, stand: Stand) => {
      hold.current.rest();
      aim.current.take(row, stand);
      lead();
    },
    [lead],
  );
  const toEnd = useCallback(() => toRow(END, 0), [toRow]);
  /** Another list: nothing is known of it. */
  const begin = () => {
    hold.current = new Hold();
    aim.current.release();
  };
  return { hold, aim, view, lead, toRow, toEnd, begin };
}
