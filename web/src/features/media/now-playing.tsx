/** What sounds while one is elsewhere: whose it is, the way back to it, pause and an end. */
import { Pause, Play, X } from 'lucide-react';
import { type CSSProperties, useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { clockText } from '../../lib/media/clock';
import { messageOf, titleOf, useChat, useSession } from '../../state';
import { IconButton } from '../../ui';
import './media.css';
import './now-playing.css';
import { stop, toggle, usePlayback } from './playing';

export interface NowPlayingProps {
  /** To the message it is in; its position, where that is known. */
  onOpen: (roomId: number, seq: number | undefined) => void;
}

export default function NowPlaying({ onOpen }: NowPlayingProps) {
  const t = useTranslations('media');
  const ui = useTranslations('ui');
  const { phase, track, at, seconds } = usePlayback();
  const me = useSession((session) => session.me);
  const roomId = track?.roomId;
  const message = useChat((chat) =>
    roomId !== undefined && track?.messageId !== undefined ? messageOf(chat, roomId, track.messageId) : undefined,
  );
  const room = useChat((chat) => (roomId === undefined ? undefined : chat.rooms[roomId]));
  const users = useChat((chat) => chat.users);
  const recalled = message?.recalled_at !== undefined && message.recalled_at !== null;
  const lost = roomId !== undefined && room === undefined;

  // What was taken back, or is in a room one is in no more, is not heard any longer.
  useEffect(() => {
    if (recalled || lost) stop();
  }, [recalled, lost]);

  if (!track || roomId === undefined || !room) return null;
  const sounds = phase === 'playing' || phase === 'loading';
  const place = titleOf(room, users, me);
  const done = seconds ? Math.min(1, at / seconds) : 0;
  return (
    <section
      className="np"
      aria-label={t('nowPlaying')}
      data-testid="now-playing"
      data-phase={phase}
      style={{ '--played': done } as CSSProperties}
    >
      <IconButton
        label={sounds ? t('pause', { title: track.title }) : t('play', { title: track.title })}
        onClick={() => toggle(track)}
      >
        {sounds ? <Pause /> : <Play />}
      </IconButton>
      <button type="button" className="np-what" onClick={() => onOpen(roomId, message?.seq)}>
        <b dir="auto">{track.title}</b>
        <small dir="auto">{phase === 'failed' ? t('cannotPlay') : place}</small>
      </button>
      <span className="np-clock">{clockText(at)}</span>
      <IconButton size="small" label={ui('close')} onClick={() => stop()}>
        <X />
      </IconButton>
    </section>
  );
}
