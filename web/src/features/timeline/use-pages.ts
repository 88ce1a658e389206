/** Which part of a place's log is shown, and when more of it is fetched. */
import { useCallback, useEffect } from 'react';
import { loadAfter, loadAround, loadBefore, loadKey, loadNewest, trimToEnd, WINDOW } from '../../net';
import { EMPTY_LOG, type Place, roomOf, type Span, spanAt, useChat, useLoads } from '../../state';

/** Trimming at every row would shift the list for nothing. */
const SLACK = 100;

export interface Pages {
  readonly span: Span | undefined;
  /** The span reaches the newest position known. */
  readonly live: boolean;
  readonly complete: boolean;
  readonly loadingBefore: boolean;
  readonly failed: boolean;
  before(): void;
  after(): void;
  retry(): void;
  /** One is at the end, and the rest can be asked for again. Nothing is let go of while one reads above: the end is where
   * one comes back to, and where new rows join. */
  trim(): void;
}

export function usePages(place: Place, at: number | 'latest'): Pages {
  const log = useChat((chat) => chat.logs[place]) ?? EMPTY_LOG;
  const newest = useLoads((loads) => loads.history[loadKey(place, 'newest')]);
  // What is told while the first page is on its way is not a page by itself.
  const span = at === 'latest' && newest === 'loading' ? undefined : spanAt(log, at);
  const live = span !== undefined && span === log.at(-1);
  const around = useLoads((loads) => loads.history[loadKey(place, 'around')]);
  const earlier = useLoads((loads) => loads.history[loadKey(place, 'before')]);
  const known = useChat((chat) => chat.rooms[roomOf(place)] !== undefined);
  const missing = span === undefined;

  useEffect(() => {
    if (!missing || !known) return;
    void (at === 'latest' ? loadNewest(place) : loadAround(place, at));
  }, [missing, known, place, at]);

  const before = useCallback(() => void loadBefore(place, at), [place, at]);
  const after = useCallback(() => {
    if (at !== 'latest') void loadAfter(place, at);
  }, [place, at]);
  const retry = useCallback(() => {
    if (!spanAt(useChat.getState().logs[place] ?? EMPTY_LOG, at)) {
      void (at === 'latest' ? loadNewest(place) : loadAround(place, at));
    } else void loadBefore(place, at);
  }, [place, at]);
  const tooMany = (span?.ids.length ?? 0) > WINDOW + SLACK;
  const trim = useCallback(() => {
    if (at === 'latest' && tooMany) trimToEnd(place);
  }, [place, at, tooMany]);

  return {
    span,
    live,
    complete: span !== undefined && span.from <= 1,
    loadingBefore: earlier === 'loading',
    failed: (missing && (at === 'latest' ? newest : around) === 'failed') || earlier === 'failed',
    before,
    after,
    retry,
    trim,
  };
}
