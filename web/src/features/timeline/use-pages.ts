/** Which part of a place's log is shown, and when more of it is fetched or let go of. */
import { useCallback, useEffect, useState } from 'react';
import {
  backToEnd,
  enterPlace,
  loadAfter,
  loadAround,
  loadBefore,
  loadKey,
  loadNewest,
  trimAround,
  WINDOW,
} from '../../net';
import { EMPTY_LOG, type Log, type Place, roomOf, rowsOf, type Span, spanAt, useChat, useLoads } from '../../state';

/** Trimming at every row would shift the list for nothing. */
const SLACK = 100;
/** Rows kept on each side of what is read. */
const ASIDE = WINDOW / 2;

export interface Pages {
  readonly span: Span | undefined;
  /** The span reaches the newest position known. */
  readonly live: boolean;
  readonly complete: boolean;
  readonly loadingBefore: boolean;
  readonly failed: boolean;
  /** There is no such position to open at. */
  readonly absent: boolean;
  /** Counts how often the end was asked for anew: each time it is another list. */
  readonly round: number;
  before(): void;
  after(): void;
  retry(): void;
  /** Back to the end of the log, which may have been let go of. */
  toNewest(): void;
  /** These two positions are in view, and the list is at rest: lets go of what is far from them, at one end. */
  trim(first: number, last: number): void;
}

type Where = number | 'latest';

/** Who wants the end is not shown what ends before it: only that was held of whoever came by a link to an older message. */
function shownAt(log: Log, where: Where, head: number): Span | undefined {
  const span = spanAt(log, where);
  return where === 'latest' && span && span.to < head ? undefined : span;
}

/** `at` is what the address says; `start` differs from it where one stood elsewhere before. */
export function usePages(place: Place, at: Where, start: Where): Pages {
  // Who reads on far from where the list began is told by a row that is read, for the beginning is let go of.
  const [reading, setReading] = useState<{ readonly at: Where; readonly seq: Where }>();
  const [rounds, setRounds] = useState<{ readonly at: Where; readonly count: number }>();
  const [missed, setMissed] = useState<Where>();
  const round = rounds?.at === at ? rounds.count : 0;
  const where = reading?.at === at ? reading.seq : start;
  const possible = where === 'latest' || (Number.isSafeInteger(where) && where > 0);
  const log = useChat((chat) => chat.logs[place]) ?? EMPTY_LOG;
  const head = useChat((chat) => chat.cursors[roomOf(place)]) ?? 0;
  const newest = useLoads((loads) => loads.history[loadKey(place, 'newest')]);
  // What is told while the first page is on its way is not a page by itself.
  const span = where === 'latest' && newest === 'loading' ? undefined : shownAt(log, where, head);
  const live = span !== undefined && span === log.at(-1) && span.to >= head;
  const around = useLoads((loads) => (where === 'latest' ? undefined : loads.history[loadKey(place, 'around', where)]));
  const earlier = useLoads((loads) => loads.history[loadKey(place, 'before')]);
  const known = useChat((chat) => chat.rooms[roomOf(place)] !== undefined);
  const missing = span === undefined;

  useEffect(() => enterPlace(place), [place]);

  const open = useCallback(async () => {
    if (where === 'latest') return loadNewest(place);
    await loadAround(place, where);
    const answered = useLoads.getState().history[loadKey(place, 'around', where)];
    if (answered === 'loading' || spanAt(useChat.getState().logs[place] ?? EMPTY_LOG, where)) return;
    // Where one stood cannot be had: the end can, or is held.
    if (where !== at) setReading({ at, seq: 'latest' });
    else if (answered === 'ready') setMissed(where);
  }, [place, where, at]);
  useEffect(() => {
    if (missing && known && possible) void open();
  }, [missing, known, possible, open]);

  const before = useCallback(() => void loadBefore(place, where), [place, where]);
  const after = useCallback(() => {
    if (where !== 'latest') void loadAfter(place, where);
  }, [place, where]);
  const retry = useCallback(() => {
    if (missing) void open();
    else void loadBefore(place, where);
  }, [missing, place, where, open]);
  const toNewest = useCallback(() => {
    backToEnd(place);
    setReading({ at, seq: 'latest' });
    setRounds({ at, count: round + 1 });
  }, [place, at, round]);
  const tooMany = (span?.ids.length ?? 0) > WINDOW + SLACK;
  const trim = useCallback(
    (first: number, last: number) => {
      if (!tooMany) return;
      const chat = useChat.getState();
      const seqs = rowsOf(chat, place, spanAt(chat.logs[place] ?? EMPTY_LOG, where)).map((row) => row.seq);
      const begin = Math.max(0, seqs.findLastIndex((seq) => seq <= first) - ASIDE);
      const end = Math.min(seqs.length - 1, seqs.findLastIndex((seq) => seq <= last) + ASIDE);
      const [oldest, youngest] = [seqs[begin], seqs[end]];
      if (oldest === undefined || youngest === undefined) return;
      // One end at a time: the list can tell then which of its rows stay where they are.
      const above = begin > seqs.length - 1 - end;
      if (!above || where !== 'latest') setReading({ at, seq: first });
      trimAround(place, where, above ? oldest : 0, above ? Number.MAX_SAFE_INTEGER : youngest);
    },
    [place, where, at, tooMany],
  );

  return {
    span,
    live,
    complete: span !== undefined && span.from <= 1,
    loadingBefore: earlier === 'loading',
    failed: (missing && (where === 'latest' ? newest : around) === 'failed') || earlier === 'failed',
    absent: missing && (!possible || missed === where),
    round,
    before,
    after,
    retry,
    toNewest,
    trim,
  };
}
