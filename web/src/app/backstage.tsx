/** What goes on behind the rooms: whether somebody is here, and what sounds while one is elsewhere. It comes after the page. */
import { useLayoutEffect, useState } from 'react';
import { createPortal } from 'react-dom';
import { useLocation } from 'wouter';
import { usePlayback } from '../features/media/playing';
import { useNarrow } from '../ui/overlays/narrow';
import { useAway } from './use-away';
import { lazyWithWords } from './words';

interface Sounding {
  sounds: boolean;
  onOpen(roomId: number, seq: number | undefined): void;
}

const NowPlaying = lazyWithWords<Sounding>(() => import('../features/media/now-playing'), {
  wanted: ({ sounds }) => sounds,
  place: 'nowhere',
});

export default function Backstage() {
  useAway();
  const [path, navigate] = useLocation();
  const sheet = useSheet(path);
  const sounds = usePlayback(({ track }) => track !== undefined);
  const bar = (
    <NowPlaying
      sounds={sounds}
      onOpen={(roomId, seq) => navigate(seq === undefined ? `/r/${roomId}` : `/r/${roomId}/m/${seq}`)}
    />
  );
  return sheet ? createPortal(bar, sheet) : bar;
}

/** The sheet that one is on, where that has a phone's screen for itself; the desk is out of sight then. */
function useSheet(path: string): HTMLElement | null {
  const narrow = useNarrow();
  const [sheet, setSheet] = useState<HTMLElement | null>(null);
  useLayoutEffect(() => {
    setSheet(narrow && path !== '/' ? document.getElementById('sheet') : null);
  }, [narrow, path]);
  return sheet;
}
