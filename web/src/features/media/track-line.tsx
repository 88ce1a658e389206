/** How far a sound is, as a line or as its shape: pressed, drawn along and moved by keys like every slider. */
import { type CSSProperties, useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { clockText } from '../../lib/media/clock';
import { barsPath } from '../../lib/media/peaks';

interface TrackLineProps {
  title: string;
  at: number;
  seconds: number | undefined;
  waveform?: readonly number[] | undefined;
  onSeek: (at: number) => void;
}

const HEIGHT = 32;

export function TrackLine({ title, at, seconds, waveform, onSeek }: TrackLineProps) {
  const t = useTranslations('media');
  const shaped = waveform !== undefined && waveform.length > 1;
  const bars = useMemo(() => (shaped ? barsPath(waveform, HEIGHT) : ''), [shaped, waveform]);
  const done = seconds ? Math.min(1, at / seconds) : 0;
  return (
    // What is played runs one way everywhere.
    <div className="snd-line" dir="ltr" data-shaped={shaped || undefined} style={{ '--played': done } as CSSProperties}>
      {shaped &&
        (['snd-shape', 'snd-shape-done'] as const).map((layer) => (
          <svg
            key={layer}
            className={layer}
            viewBox={`0 0 ${waveform.length * 3 - 1} ${HEIGHT}`}
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <path d={bars} />
          </svg>
        ))}
      <input
        type="range"
        aria-label={t('position', { title })}
        aria-valuetext={t('positionOf', { at: clockText(at), seconds: clockText(seconds ?? 0) })}
        min={0}
        max={seconds ?? 0}
        step={seconds && seconds < 60 ? 0.1 : 1}
        value={Math.min(at, seconds ?? 0)}
        disabled={!seconds}
        onChange={(event) => onSeek(Number(event.target.value))}
      />
    </div>
  );
}
