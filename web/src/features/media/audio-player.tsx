/** A sound in its place: a voice message with its shape, a file with its name. What it plays goes on where this leaves the page. */
import { CircleAlert, Download, Pause, Play } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useShallow } from 'zustand/react/shallow';
import { clockText } from '../../lib/media/clock';
import { standOf, type Track } from '../../lib/media/playback';
import { Spinner } from '../../ui';
import './media.css';
import { play, seek, toggle, usePlayback } from './playing';
import { RateButton } from './rate-button';
import { TrackLine } from './track-line';

export interface AudioPlayerProps {
  track: Track;
  waveform?: readonly number[] | undefined;
  /** Its title stands above it. */
  named?: boolean | undefined;
  /** Where it is had as a file, for who cannot hear it here. */
  download?: string | undefined;
}

export default function AudioPlayer({ track, waveform, named, download }: AudioPlayerProps) {
  const t = useTranslations('media');
  const { phase, at, seconds } = usePlayback(
    useShallow((state) => {
      const { phase, at, seconds } = standOf(state, track);
      return { phase, at, seconds };
    }),
  );
  const sounds = phase === 'playing' || phase === 'loading';
  const seekHere = (to: number) => (phase === 'idle' ? play(track, to) : seek(to));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is filled in
    <div className="snd" role="group" aria-label={track.title} data-testid="audio" data-phase={phase}>
      {named && (
        <p className="snd-name">
          <bdi data-tip={track.title}>{track.title}</bdi>
          {download && (
            <a
              href={download}
              download={track.title}
              aria-label={t('downloadOf', { title: track.title })}
              data-tip={t('download')}
            >
              <Download size={16} aria-hidden="true" />
            </a>
          )}
        </p>
      )}
      <button
        type="button"
        className="snd-button"
        aria-label={sounds ? t('pause', { title: track.title }) : t('play', { title: track.title })}
        data-tip={sounds ? t('pauseTip') : t('playTip')}
        onClick={() => toggle(track)}
      >
        {phase === 'loading' ? <Spinner after={300} /> : null}
        {sounds ? <Pause size={18} aria-hidden="true" /> : <Play size={18} aria-hidden="true" />}
      </button>
      {phase === 'failed' ? (
        <p className="snd-failed" role="alert">
          <CircleAlert size={15} aria-hidden="true" />
          {t('cannotPlay')}
          {download && (
            <a href={download} download>
              <Download size={15} aria-hidden="true" />
              {t('download')}
            </a>
          )}
        </p>
      ) : (
        <>
          <TrackLine title={track.title} at={at} seconds={seconds} waveform={waveform} onSeek={seekHere} />
          <span className="snd-clock">{clockText(phase === 'idle' && at === 0 ? (seconds ?? 0) : at)}</span>
          <RateButton />
        </>
      )}
    </div>
  );
}
