/**
 * Escape leads back to the newest message. What had a better use for the key has taken it: completion, a reply, a menu. Of
 * several timelines the one whose composer has the focus answers; without any focus, the first.
 */
import { type RefObject, useEffect } from 'react';
import { isComposing, keyAction } from '../../lib/keys';

export function useEscape(timeline: RefObject<Element | null>, run: RefObject<() => void>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isComposing(event) || keyAction('composer', event) !== 'cancel') return;
      const at = document.activeElement;
      const here = timeline.current;
      const free = at === document.body ? document.querySelector('.tl') === here : isBeside(here, at?.closest('.cp'));
      if (free) run.current();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [timeline, run]);
}

/** Whether a composer stands on the same sheet as a timeline. */
function isBeside(timeline: Element | null, composer: Element | null | undefined): boolean {
  return composer != null && timeline?.parentElement?.contains(composer) === true;
}
