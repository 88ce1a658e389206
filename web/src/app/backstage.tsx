/** What goes on behind the rooms: whether somebody is here, and what sounds while one is elsewhere. It comes after the page. */
import { useLocation } from 'wouter';
import { usePlayback } from '../features/media/playing';
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
  const [, navigate] = useLocation();
  const sounds = usePlayback(({ track }) => track !== undefined);
  return (
    <NowPlaying
      sounds={sounds}
      onOpen={(roomId, seq) => navigate(seq === undefined ? `/r/${roomId}` : `/r/${roomId}/m/${seq}`)}
    />
  );
}
