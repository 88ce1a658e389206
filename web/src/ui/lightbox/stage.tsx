/** One picture in its frame, under pointers and wheels. */
import { ImageOff } from 'lucide-react';
import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { dragged, type Fingers, lifted, NO_FINGERS, swiped, touched } from '../../lib/media/fingers';
import {
  fitted,
  kept,
  type Point,
  panned,
  type Size,
  toggled,
  type View,
  wheelFactor,
  zoomed,
} from '../../lib/media/zoom';
import { Button } from '../button';
import { Spinner } from '../progress';
import type { LightboxPicture } from './index';

interface StageProps {
  picture: LightboxPicture;
  size: Size;
  frame: Size;
  view: View;
  /** The last look was a key's or a button's: the picture glides there. */
  glide: boolean;
  onView: (view: View, glide?: boolean) => void;
  onSize: (size: Size) => void;
  /** On to what lies on this side. */
  onTurn: (side: 1 | -1) => void;
  onClose: () => void;
}

const TWICE_MS = 350;

export function Stage({ picture, size, frame, view, glide, onView, onSize, onTurn, onClose }: StageProps) {
  const t = useTranslations('media.lightbox');
  const ui = useTranslations('ui');
  const ref = useRef<HTMLDivElement>(null);
  const fingers = useRef<Fingers>(NO_FINGERS);
  const tapped = useRef<{ at: number; where: Point }>(undefined);
  const onPicture = useRef(false);
  const [state, setState] = useState<'coming' | 'there' | 'failed'>('coming');
  const [tries, setTries] = useState(0);
  const fit = fitted(size, frame);
  // Pointers and wheels tell more than once between two drawings: each goes on from what the one before has done.
  const latest = useRef(view);
  latest.current = view;
  const look = (next: View, glides?: boolean) => {
    latest.current = next;
    onView(next, glides);
  };

  /** From the middle of the frame. */
  const pointOf = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const box = ref.current?.getBoundingClientRect();
    if (!box) return { x: 0, y: 0 };
    return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
  };

  const wheel = useRef<(event: WheelEvent) => void>(undefined);
  wheel.current = (event) => {
    event.preventDefault();
    look(zoomed(latest.current, wheelFactor(event), pointOf(event), size, frame));
  };
  // React's own listener cannot keep the page from being zoomed with it.
  useEffect(() => {
    const element = ref.current;
    const onWheel = (event: WheelEvent) => wheel.current?.(event);
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);

  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest('button'))) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    onPicture.current = event.target instanceof HTMLImageElement;
    fingers.current = touched(fingers.current, event.pointerId, pointOf(event));
  };

  const onPointerMove = (event: PointerEvent) => {
    const { fingers: next, move } = dragged(fingers.current, event.pointerId, pointOf(event));
    fingers.current = next;
    if (!move) return;
    const near = zoomed(latest.current, move.factor, move.at, size, frame);
    look(panned(near, move.by, size, frame));
  };

  const onPointerUp = (event: PointerEvent) => {
    const before = fingers.current;
    if (!(event.pointerId in before.down)) return;
    fingers.current = lifted(before, event.pointerId);
    const at = pointOf(event);
    if (before.moved) {
      const side = latest.current.scale === 1 ? swiped(before, at) : undefined;
      if (side) onTurn(side);
      return;
    }
    if (!onPicture.current) return onClose();
    const last = tapped.current;
    const again =
      last && event.timeStamp - last.at < TWICE_MS && Math.hypot(last.where.x - at.x, last.where.y - at.y) < 30;
    tapped.current = again ? undefined : { at: event.timeStamp, where: at };
    if (again) look(toggled(latest.current, at, size, frame), true);
  };

  const drawn = kept(view, size, frame);
  const style = {
    width: fit.width,
    height: fit.height,
    transform: `translate(-50%, -50%) translate(${drawn.x}px, ${drawn.y}px) scale(${drawn.scale})`,
  };
  return (
    <div
      ref={ref}
      className="lb-stage"
      data-near={view.scale > 1 || undefined}
      data-glide={glide || undefined}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={(event) => {
        fingers.current = lifted(fingers.current, event.pointerId);
      }}
    >
      {state === 'failed' ? (
        <div className="lb-failed" role="alert">
          <ImageOff size={32} />
          <p>{t('failed')}</p>
          <Button
            onClick={() => {
              setState('coming');
              setTries(tries + 1);
            }}
          >
            {ui('retry')}
          </Button>
        </div>
      ) : (
        <>
          {picture.thumb && state === 'coming' && (
            <img className="lb-picture" style={style} src={picture.thumb} alt="" draggable={false} />
          )}
          <img
            key={tries}
            className="lb-picture"
            data-testid="enlarged"
            data-state={state}
            style={style}
            src={picture.src}
            alt={picture.alt}
            draggable={false}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
              setState('there');
              if (naturalWidth > 0) onSize({ width: naturalWidth, height: naturalHeight });
            }}
            onError={() => setState('failed')}
          />
          {state === 'coming' && <Spinner className="lb-spinner" label={t('loading')} />}
        </>
      )}
    </div>
  );
}
