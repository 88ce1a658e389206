/** A video in its place: its picture until somebody wants it, then the browser's own player. Nothing of it is fetched before that. */
import { CircleAlert, Download, Play } from 'lucide-react';
import { type CSSProperties, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { clockText } from '../../lib/media/clock';
import { filmBox } from '../../lib/media/film-box';
import './media.css';
import { soundBegins } from './playing';

export interface VideoPlayerProps {
  src: string;
  title: string;
  /** The address of its picture. */
  poster?: string | undefined;
  width?: number | null | undefined;
  height?: number | null | undefined;
  seconds?: number | null | undefined;
  download?: string | undefined;
  /** It was asked for already. */
  begun?: boolean | undefined;
}

export default function VideoPlayer({ src, title, poster, width, height, seconds, download, begun }: VideoPlayerProps) {
  const t = useTranslations('media');
  const [state, setState] = useState<'resting' | 'playing' | 'failed'>(begun ? 'playing' : 'resting');
  const video = useRef<HTMLVideoElement>(null);
  const box = filmBox(width, height);
  const style = { '--vp-width': `${box.width}px`, '--vp-shape': box.shape };

  // The button that had the focus has given way to it.
  useEffect(() => {
    if (state === 'playing') video.current?.focus({ preventScroll: true });
  }, [state]);

  return (
    <div className="vp" style={style as CSSProperties} data-testid="video" data-state={state}>
      {state === 'resting' && (
        <button type="button" aria-label={t('play', { title })} onClick={() => setState('playing')}>
          {poster ? (
            <img src={poster} alt="" loading="lazy" decoding="async" draggable={false} />
          ) : (
            <bdi className="vp-name">{title}</bdi>
          )}
          <span className="vp-play">
            <Play size={24} aria-hidden="true" />
          </span>
        </button>
      )}
      {state === 'resting' && typeof seconds === 'number' && <span className="vp-clock">{clockText(seconds)}</span>}
      {state === 'playing' && (
        // biome-ignore lint/a11y/useMediaCaption: nobody has written down what people record
        <video
          ref={video}
          src={src}
          poster={poster}
          aria-label={title}
          controls
          autoPlay
          playsInline
          onPlay={(event) => soundBegins(event.currentTarget)}
          onError={() => setState('failed')}
        />
      )}
      {state === 'failed' && (
        <p className="vp-failed" role="alert">
          <CircleAlert size={18} aria-hidden="true" />
          {t('cannotPlay')}
          {download && (
            <a href={download} download>
              <Download size={15} aria-hidden="true" />
              {t('download')}
            </a>
          )}
        </p>
      )}
    </div>
  );
}
