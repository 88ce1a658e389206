/** What the server finds by these words. What it said to fewer letters stands until the new answer is here. */
import { useEffect, useState } from 'react';

const TYPING_PAUSE_MS = 180;

export interface Found<Row> {
  readonly rows: readonly Row[] | undefined;
  /** Whether the rows answer to the words as they are now. */
  readonly current: boolean;
  readonly broken: boolean;
  again(): void;
}

/** Another `find` asks anew. */
export function useFound<Row>(find: (words: string) => Promise<readonly Row[]>, words: string): Found<Row> {
  const [attempt, setAttempt] = useState(0);
  const [answer, setAnswer] = useState<{ readonly to: string; readonly rows: readonly Row[] }>();
  const [broken, setBroken] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks the same question again
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(
      () => {
        find(words.trim()).then(
          (rows) => {
            if (stale) return;
            setBroken(false);
            setAnswer({ to: words, rows });
          },
          () => !stale && setBroken(true),
        );
      },
      words === '' ? 0 : TYPING_PAUSE_MS,
    );
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [words, attempt, find]);
  return { rows: answer?.rows, current: answer?.to === words, broken, again: () => setAttempt(attempt + 1) };
}
