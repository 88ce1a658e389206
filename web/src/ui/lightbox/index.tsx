/** Pictures in front of the page, one at a time: nearer, aside, on to the next. It knows no messages; who opens it comes lazily itself. */
import { ChevronLeft, ChevronRight, X, ZoomIn, ZoomOut } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { forward } from '../../lib/forward';
import { keyAction, keysOf } from '../../lib/keys';
import { fitted, MIDDLE, panned, STEP, type View, WHOLE, zoomed } from '../../lib/media/zoom';
import { IconButton } from '../button';
import { Frame } from '../overlays';
import './lightbox.css';
import { Stage } from './stage';
import { useRoom } from './use-room';

export interface LightboxPicture {
  readonly key: string;
  readonly src: string;
  /** A smaller one that stands there until it has come. */
  readonly thumb?: string | undefined;
  readonly width?: number | null | undefined;
  readonly height?: number | null | undefined;
  readonly alt: string;
  /** It lets through what is behind it. */
  readonly clear?: boolean | undefined;
}

export interface LightboxProps {
  open: boolean;
  onClose: () => void;
  /** What it is called by a screen reader. */
  title: string;
  pictures: readonly LightboxPicture[];
  current: string;
  onCurrent: (key: string) => void;
  /** Whose it is, and since when. */
  heading: ReactNode;
  actions?: ReactNode;
  caption?: ReactNode;
}

export function Lightbox({ open, onClose, title, ...rest }: LightboxProps) {
  return (
    <Frame open={open} onClose={onClose} title={title} hideTitle shape="full">
      <Shown {...rest} onClose={onClose} />
    </Frame>
  );
}

/** How far a key looks aside, of what the frame shows. */
const ASIDE = 0.2;

function Shown({
  pictures,
  current,
  onCurrent,
  heading,
  actions,
  caption,
  onClose,
}: Omit<LightboxProps, 'open' | 'title'>) {
  const t = useTranslations('media.lightbox');
  const ui = useTranslations('ui');
  const root = useRef<HTMLDivElement>(null);
  const space = useRef<HTMLDivElement>(null);
  const frame = useRoom(space);
  const [{ key, view, glide }, setView] = useState({ key: current, view: WHOLE, glide: false });
  const [natural, setNatural] = useState<{ key: string; width: number; height: number }>();
  const at = pictures.findIndex((one) => one.key === current);
  const picture = pictures[at];
  // Another picture begins whole.
  const shown = key === current ? view : WHOLE;

  // The dialog itself would take it, and keys come to what has the focus.
  useEffect(() => root.current?.focus({ preventScroll: true }), []);
  // The next one is there when it is wanted.
  useEffect(() => {
    for (const near of [pictures[at - 1], pictures[at + 1]]) if (near) new Image().src = near.thumb ?? near.src;
  }, [pictures, at]);

  if (!picture) return null;
  const size =
    natural?.key === current
      ? natural
      : { width: picture.width ?? frame.width, height: picture.height ?? frame.height };
  const whole = fitted(size, frame);
  const look = (next: View, glide = false) => setView({ key: current, view: next, glide });
  const zoom = (factor: number) => look(zoomed(shown, factor, MIDDLE, whole, frame), true);
  const aside = (x: number, y: number) =>
    look(panned(shown, { x: x * frame.width * ASIDE, y: y * frame.height * ASIDE }, whole, frame), true);
  const go = (to: number) => {
    const next = pictures[to];
    if (next) onCurrent(next.key);
  };
  const step = (by: number) => go(at + by);
  const turn = (side: 1 | -1) => step(side * forward(space.current ?? document.body));

  const onKeyDown = (event: KeyboardEvent) => {
    const deeds = {
      pictureRight: () => turn(1),
      pictureLeft: () => turn(-1),
      firstPicture: () => go(0),
      lastPicture: () => go(pictures.length - 1),
      zoomIn: () => zoom(STEP),
      zoomInToo: () => zoom(STEP),
      zoomOut: () => zoom(1 / STEP),
      whole: () => look(WHOLE, true),
      lookRight: () => aside(-1, 0),
      lookLeft: () => aside(1, 0),
      lookUp: () => aside(0, 1),
      lookDown: () => aside(0, -1),
    };
    const action = keyAction('viewer', event.nativeEvent);
    if (!action) return;
    event.preventDefault();
    deeds[action]();
  };

  const several = pictures.length > 1;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it is the dialog's whole content and holds the focus for its keys
    <div className="lb" ref={root} tabIndex={-1} onKeyDown={onKeyDown} data-testid="lightbox">
      <div className="lb-head">
        <div className="lb-who">{heading}</div>
        {several && (
          <span className="lb-count" aria-live="polite">
            {t('count', { at: at + 1, count: pictures.length })}
          </span>
        )}
        <div className="lb-tools">
          <IconButton
            label={t('zoomOut')}
            keys={keysOf('viewer', 'zoomOut')}
            disabled={shown.scale <= 1}
            onClick={() => zoom(1 / STEP)}
          >
            <ZoomOut />
          </IconButton>
          <output className="lb-scale">{t('scale', { percent: Math.round(shown.scale * 100) })}</output>
          <IconButton label={t('zoomIn')} keys={keysOf('viewer', 'zoomIn')} onClick={() => zoom(STEP)}>
            <ZoomIn />
          </IconButton>
          {actions}
          <IconButton label={ui('close')} onClick={onClose}>
            <X />
          </IconButton>
        </div>
      </div>
      {/* Each picture is another stage; the space for them stays. */}
      <div className="lb-space" ref={space}>
        <Stage
          key={current}
          picture={picture}
          whole={whole}
          frame={frame}
          view={shown}
          glide={glide}
          onView={look}
          onSize={(natural) => setNatural({ key: current, ...natural })}
          onTurn={turn}
          onClose={onClose}
        />
      </div>
      {several && (
        <>
          <IconButton
            className="lb-turn"
            data-side="start"
            label={t('previous')}
            disabled={at === 0}
            onClick={() => step(-1)}
          >
            <ChevronLeft />
          </IconButton>
          <IconButton
            className="lb-turn"
            data-side="end"
            label={t('next')}
            disabled={at === pictures.length - 1}
            onClick={() => step(1)}
          >
            <ChevronRight />
          </IconButton>
        </>
      )}
      {caption && <div className="lb-caption">{caption}</div>}
    </div>
  );
}
