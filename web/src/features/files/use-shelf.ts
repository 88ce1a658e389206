/**
 * The files of a room, or of all: fetched a page at a time as they are looked at, and kept as they are by what is told meanwhile. What
 * is not wanted any more is asked for no longer.
 */
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { FileRow, FileRows } from '../../gen/wire';
import { type FilesWanted, listFiles } from '../../net/file-lists';
import { useConnection, useNews } from '../../state';
import { rowOfText } from '../../state/apply';
import { EMPTY_SHELF, filled, isWanted, narrowed, posted, refreshed, type Shelf, withdrawn } from './shelf';

const TYPING_PAUSE_MS = 180;

export type ShelfPhase = 'loading' | 'ready' | 'failed';

export interface ShelfView {
  readonly shelf: Shelf;
  readonly phase: ShelfPhase;
  /** Asks for the page behind, or for the one that failed once more. */
  more(): void;
}

/** What was asked for is not waited for. */
function giveUp(asking: RefObject<AbortController | undefined>): void {
  asking.current?.abort();
  asking.current = undefined;
}

interface HeldShelf {
  /** What it answers to. */
  readonly key: string;
  readonly shelf: Shelf;
  readonly phase: ShelfPhase;
}

/** It begins anew for another room alone where the whole list does. */
export function useShelf({ roomId, category, words }: FilesWanted): ShelfView {
  const key = `${category} ${words}`;
  const [held, setHeld] = useState<HeldShelf>({ key, shelf: EMPTY_SHELF, phase: 'loading' });
  const asking = useRef<AbortController>(undefined);
  const asked = useCallback(
    (one: HeldShelf): HeldShelf =>
      one.key === key ? one : { key, shelf: narrowed(one.shelf, category, words), phase: 'loading' },
    [key, category, words],
  );
  const { shelf, phase } = asked(held);
  const next = useRef(shelf.next);
  next.current = shelf.next;

  /** One call at a time, and none for what was wanted before. */
  const ask = useCallback(
    async (take: (shelf: Shelf, page: FileRows) => Shelf, from: Shelf['next']) => {
      if (asking.current || !from) return;
      const control = new AbortController();
      asking.current = control;
      const move = (phase: ShelfPhase, page?: FileRows) => {
        if (control.signal.aborted) return;
        setHeld((one) => {
          const { shelf } = asked(one);
          return { key, shelf: page ? take(shelf, page) : shelf, phase };
        });
      };
      move('loading');
      const wanted = { roomId, category, words };
      await listFiles(wanted, from === 'begin' ? undefined : from, control.signal).then(
        (page) => move('ready', page),
        () => move('failed'),
      );
      if (asking.current === control) asking.current = undefined;
    },
    [asked, key, roomId, category, words],
  );
  const more = useCallback(() => void ask(filled, next.current), [ask]);

  useEffect(() => {
    const timer = setTimeout(more, words === '' ? 0 : TYPING_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      giveUp(asking);
    };
  }, [more, words]);

  useEffect(
    () =>
      useNews.subscribe(({ frame }) => {
        if (frame?.type !== 'text' && frame?.type !== 'recall') return;
        if (roomId !== undefined && frame.room_id !== roomId) return;
        setHeld((one) => {
          const now = asked(one);
          const wants = (row: FileRow) => isWanted(row, category, words);
          const shelf =
            frame.type === 'recall'
              ? withdrawn(now.shelf, frame.message_id)
              : posted(now.shelf, rowOfText(frame), wants);
          return shelf === now.shelf ? one : { ...now, shelf };
        });
      }),
    [asked, roomId, category, words],
  );

  // While the line was down nothing was told.
  useEffect(() => {
    let down = false;
    return useConnection.subscribe(({ downSince }) => {
      if (down && downSince === null) {
        giveUp(asking);
        void ask(refreshed, 'begin');
      }
      down = downSince !== null;
    });
  }, [ask]);

  return { shelf, phase, more };
}
