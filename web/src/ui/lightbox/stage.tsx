/** One picture in its frame, under pointers and wheels. */
import { ImageOff } from 'lucide-react';
import { type PointerEvent, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { putAway, swiped } from '../../lib/media/fingers';
import { kept, type Point, type Size, toggled } from '../../lib/media/zoom';
import { Button } from '../button';
import { Spinner } from '../progress';
import type { LightboxPicture } from './index';
import { type Gestured, useGestures } from './use-gestures';

interface StageProps extends Gestured {
  picture: LightboxPicture;
  /** The last look was a key's or a button's: the picture glides there. */
  glide: boolean;
  onSize: (size: Size) => void;
  /** On to what lies on this side. */
  onTurn: (side: 1 | -1) => void;
  onClose: () => void;
}

const TWICE_MS = 350;

export function Stage({ picture, whole, frame, view, glide, onView, onSize, onTurn, onClose }: StageProps) {
  const t = useTranslations('media.lightbox');
  const ui = useTranslations('ui');
  const ref = useRef<HTMLDivElement>(null);
  const [pull, setPull] = useState<Point>();
  const onPull = (by: Point) => setPull(by.x === 0 && by.y === 0 ? undefined : by);
  const gestures = useGestures(ref, { view, whole, frame, onView, onPull });
  const tapped = useRef<{ at: number; where: Point }>(undefined);
  const onPicture = useRef(false);
  const [state, setState] = useState<'coming' | 'there' | 'failed'>('coming');
  const [tries, setTries] = useState(0);

  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest('button'))) return;
    onPicture.current = event.target instanceof HTMLImageElement;
    gestures.down(event);
  };

  const onPointerUp = (event: PointerEvent) => {
    const before = gestures.up(event);
    if (!before) return;
    const at = gestures.pointOf(event);
    const shown = gestures.latest.current;
    if (before.moved) {
      if (shown.scale !== 1) return;
      const side = swiped(before, at);
      if (side) onTurn(side);
      else if (event.pointerType === 'touch' && putAway(before, at)) onClose();
      return;
    }
    if (!onPicture.current) return onClose();
    const last = tapped.current;
    const again =
      last && event.timeStamp - last.at < TWICE_MS && Math.hypot(last.where.x - at.x, last.where.y - at.y) < 30;
    tapped.current = again ? undefined : { at: event.timeStamp, where: at };
    if (again) gestures.look(toggled(shown, at, whole, frame), true);
  };

  const drawn = kept(view, whole, frame);
  const style = {
    width: whole.width,
    height: whole.height,
    transform: `translate(-50%, -50%) translate(${drawn.x + (pull?.x ?? 0)}px, ${drawn.y + (pull?.y ?? 0)}px) scale(${drawn.scale})`,
  };
  return (
    <div
      ref={ref}
      className="lb-stage"
      data-near={view.scale > 1 || undefined}
      data-glide={glide || undefined}
      data-pulled={pull !== undefined || undefined}
      onPointerDown={onPointerDown}
      onPointerMove={gestures.onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={gestures.up}
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
            data-clear={picture.clear || undefined}
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
