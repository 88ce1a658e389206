/** Notes where the reader stands in a list, and keeps it when the list or the page is left. */
import { useLayoutEffect, useRef } from 'react';
import { type Place, useChat } from '../../state';
import { leavePlace, leaveStep, type Spot, type Stand, stepHere } from './spots';

/** `which` tells one list from the next of the same place; `look` where its reader stands now, once that is known. */
export function useSpot(place: Place, which: string, look: () => Omit<Spot, 'epoch'> | 'end' | undefined) {
  const stand = useRef<Stand>(undefined);
  const step = useRef<string>(undefined);

  // Where the list is another one, or gone, nobody can look any more: what was noted last counts.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `which` tells of another list
  useLayoutEffect(() => {
    step.current = stepHere();
    stand.current = undefined;
    return () => {
      if (step.current && stand.current) leaveStep(step.current, stand.current);
    };
  }, [which]);
  useLayoutEffect(() => {
    const leave = () => {
      if (!stand.current) return;
      if (step.current) leaveStep(step.current, stand.current);
      leavePlace(place, stand.current);
    };
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }, [place]);

  return {
    note() {
      const seen = look();
      if (!seen) return;
      stand.current = seen === 'end' ? seen : { ...seen, epoch: useChat.getState().epoch };
    },
    /** Who asks for the end does not want to come back to where they stood. */
    forget: () => leavePlace(place, 'end'),
  };
}
