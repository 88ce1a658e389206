/**
 * Escape leads back to the newest message, in the conversation in use: with no focus at all, or from where one writes. What had a
 * better use for the key has taken it: completion, a reply, a menu.
 */
import { type RefObject, useEffect } from 'react';
import { isComposing, isInUse, keyAction } from '../../lib/keys';

export function useEscape(timeline: RefObject<Element | null>, run: RefObject<() => void>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isComposing(event) || keyAction('composer', event) !== 'cancel') return;
      const at = document.activeElement;
      if ((at === document.body || at?.closest('.cp')) && isInUse(timeline.current)) run.current();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [timeline, run]);
}
