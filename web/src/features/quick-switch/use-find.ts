/** Asks the server for what this page does not know: people and public rooms. An answer to words that are no longer there is dropped. */
import { useEffect, useState } from 'react';
import type { SwitchTarget } from './quick-switch';
import type { Wanted } from './wanted';

const TYPING_PAUSE_MS = 150;

export type Find = (wanted: Wanted) => Promise<readonly SwitchTarget[]>;

export interface Answer {
  readonly targets: readonly SwitchTarget[];
  readonly state: 'asking' | 'ready' | 'failed';
}

const NOTHING: readonly SwitchTarget[] = [];

export function useFind(find: Find, { words, kind }: Wanted): Answer {
  const asked = `${kind ?? ''} ${words}`;
  const [answer, setAnswer] = useState<{ readonly to: string; readonly targets: readonly SwitchTarget[] | 'failed' }>();
  useEffect(() => {
    if (words === '') return;
    let stale = false;
    const tell = (targets: readonly SwitchTarget[] | 'failed') => {
      if (!stale) setAnswer({ to: asked, targets });
    };
    const timer = setTimeout(() => {
      find({ words, kind }).then(tell, () => tell('failed'));
    }, TYPING_PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [words, kind, asked, find]);
  if (words === '') return { targets: NOTHING, state: 'ready' };
  // What came for fewer letters may still fit until the new answer is here.
  const targets = Array.isArray(answer?.targets) ? answer.targets : NOTHING;
  if (answer?.to !== asked) return { targets, state: 'asking' };
  return { targets, state: answer.targets === 'failed' ? 'failed' : 'ready' };
}
