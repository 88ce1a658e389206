import { useCallback, useEffect, useRef, useState } from 'react';

export type SaveState = 'idle' | 'waiting' | 'saving' | 'saved' | 'failed';

const QUIET = 700;

/**
 * Saves what is typed a moment after the last key, and at once on `flush` (when the field loses the focus).
 * One save at a time; what was typed meanwhile is saved afterwards.
 */
export function useAutosave<T>(save: (value: T) => Promise<void>) {
  const [state, setState] = useState<SaveState>('idle');
  const [cause, setCause] = useState<unknown>();
  const pending = useRef<{ value: T } | undefined>(undefined);
  const running = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(save);
  latest.current = save;

  const run = useCallback(async () => {
    clearTimeout(timer.current);
    if (running.current) return;
    running.current = true;
    try {
      while (pending.current) {
        const { value } = pending.current;
        pending.current = undefined;
        setState('saving');
        await latest.current(value);
      }
      setState((now) => (now === 'saving' ? 'saved' : now));
    } catch (reason) {
      setCause(reason);
      setState('failed');
    } finally {
      running.current = false;
    }
  }, []);

  const change = useCallback(
    (value: T) => {
      pending.current = { value };
      setState('waiting');
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void run(), QUIET);
    },
    [run],
  );

  const flush = useCallback(() => {
    if (pending.current) void run();
  }, [run]);

  // Leaving the page is no reason to lose the last word.
  useEffect(() => flush, [flush]);

  return { state, cause, change, flush };
}
