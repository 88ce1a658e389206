/** Whether somebody is about to choose from a list: a pointer is over it, or the focus came into it by keys. */
import { type FocusEvent, useEffect, useMemo, useRef, useState } from 'react';
import { Wait } from '../../lib/wait';

/** A finger that is lifted chooses only then. */
const AFTER_MS = 300;

export function useHeld() {
  const [held, setHeld] = useState(false);
  const inside = useRef({ pointer: false, focus: false });
  const letGo = useRef(new Wait());
  useEffect(() => () => letGo.current.stop(), []);
  const watch = useMemo(() => {
    const note = (change: Partial<typeof inside.current>) => {
      Object.assign(inside.current, change);
      letGo.current.stop();
      if (inside.current.pointer || inside.current.focus) setHeld(true);
      else letGo.current.start(AFTER_MS, () => setHeld(false));
    };
    return {
      onPointerEnter: () => note({ pointer: true }),
      onPointerLeave: () => note({ pointer: false }),
      onFocus: ({ target }: FocusEvent) => note({ focus: target.matches(':focus-visible') }),
      onBlur: ({ currentTarget, relatedTarget }: FocusEvent) =>
        note({ focus: inside.current.focus && currentTarget.contains(relatedTarget) }),
    };
  }, []);
  return { held, watch };
}
