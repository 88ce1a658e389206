/** Which part of the room's log is shown, and when more of it is fetched. */
import { useCallback, useEffect } from 'react';
import { loadAfter, loadAround, loadBefore, loadKey, loadNewest, trimToEnd, WINDOW } from '../../net';
import { EMPTY_LOG, type Span, spanAt, useChat, useLoads } from '../../state';

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

export function usePages(roomId: number, at: number | 'latest'): Pages {
  const log = useChat((chat) => chat.logs[roomId]) ?? EMPTY_LOG;
  const span = spanAt(log, at);
  const live = span !== undefined && span === log.at(-1);
  const newest = useLoads((loads) => loads.history[loadKey(roomId, 'newest')]);
  const around = useLoads((loads) => loads.history[loadKey(roomId, 'around')]);
  const earlier = useLoads((loads) => loads.history[loadKey(roomId, 'before')]);
  const known = useChat((chat) => chat.rooms[roomId] !== undefined);
  const missing = span === undefined;

  useEffect(() => {
    if (!missing || !known) return;
    void (at === 'latest' ? loadNewest(roomId) : loadAround(roomId, at));
  }, [missing, known, roomId, at]);

  const before = useCallback(() => void loadBefore(roomId, at), [roomId, at]);
  const after = useCallback(() => {
    if (at !== 'latest') void loadAfter(roomId, at);
  }, [roomId, at]);
  const retry = useCallback(() => {
    if (!spanAt(useChat.getState().logs[roomId] ?? EMPTY_LOG, at)) {
      void (at === 'latest' ? loadNewest(roomId) : loadAround(roomId, at));
    } else void loadBefore(roomId, at);
  }, [roomId, at]);
  const tooMany = (span?.rows.length ?? 0) > WINDOW + SLACK;
  const trim = useCallback(() => {
    if (at === 'latest' && tooMany) trimToEnd(roomId);
  }, [roomId, at, tooMany]);

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
