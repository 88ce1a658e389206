/**
 * The files of a room, or of all: fetched a page at a time as they are looked at, and kept as they are by what is told meanwhile. What
 * is not wanted any more is asked for no longer.
 */
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { FileRow, FileRows } from '../../gen/wire';
import { type FilesWanted, listFiles } from '../../net/file-lists';
import { useConnection, useNews } from '../../state';
import { rowOfText } from '../../state/apply';
import { EMPTY_LISTING, type FileListing, filled, isWanted, narrowed, posted, refreshed, withdrawn } from './listing';

const TYPING_PAUSE_MS = 180;

export type FileListingPhase = 'loading' | 'ready' | 'failed';

export interface FileListingView {
  readonly listing: FileListing;
  readonly phase: FileListingPhase;
  /** Asks for the page behind, or for the one that failed once more. */
  more(): void;
}

/** What was asked for is not waited for. */
function giveUp(asking: RefObject<AbortController | undefined>): void {
  asking.current?.abort();
  asking.current = undefined;
}

interface HeldFileListing {
  /** What it answers to. */
  readonly key: string;
  readonly listing: FileListing;
  readonly phase: FileListingPhase;
}

/** It begins anew for another room alone where the whole list does. */
export function useFileListing({ roomId, category, words }: FilesWanted): FileListingView {
  const key = `${category} ${words}`;
  const [held, setHeld] = useState<HeldFileListing>({ key, listing: EMPTY_LISTING, phase: 'loading' });
  const asking = useRef<AbortController>(undefined);
  const asked = useCallback(
    (one: HeldFileListing): HeldFileListing =>
      one.key === key ? one : { key, listing: narrowed(one.listing, category, words), phase: 'loading' },
    [key, category, words],
  );
  const { listing, phase } = asked(held);
  const next = useRef(listing.next);
  next.current = listing.next;

  /** One call at a time, and none for what was wanted before. */
  const ask = useCallback(
    async (take: (listing: FileListing, page: FileRows) => FileListing, from: FileListing['next']) => {
      if (asking.current || !from) return;
      const control = new AbortController();
      asking.current = control;
      const move = (phase: FileListingPhase, page?: FileRows) => {
        if (control.signal.aborted) return;
        setHeld((one) => {
          const { listing } = asked(one);
          return { key, listing: page ? take(listing, page) : listing, phase };
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
          const listing =
            frame.type === 'recall'
              ? withdrawn(now.listing, frame.message_id)
              : posted(now.listing, rowOfText(frame), wants);
          return listing === now.listing ? one : { ...now, listing };
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

  return { listing, phase, more };
}
