/** A picture of one's own is moved and zoomed under its mask; what lies under it is sent, and nothing else. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { keyAction } from '../../lib/keys';
import {
  covering,
  inFrame,
  MIDDLE,
  NEAREST,
  panned,
  type Size,
  STEP,
  type View,
  WHOLE,
  zoomed,
} from '../../lib/media/zoom';
import { Banner } from '../banner';
import { Button } from '../button';
import { Slider } from '../choice';
import { useGestures } from '../lightbox/use-gestures';
import { useRoom } from '../lightbox/use-room';
import { Progress, Spinner } from '../progress';
import { useBlobUrl } from '../use-blob-url';
import './crop.css';
import { cutOut } from './cut-out';

/** How far a key moves it, of what the mask shows. */
const ASIDE = 0.1;
/** So much of the way to the nearest look is one step of the slider. */
const STEPS = 100;

export interface CropProps {
  file: File;
  /** What it becomes: the mask has its shape. */
  kind: 'user' | 'room' | 'emoji';
  /** What the button says that takes it. */
  action: string;
  /** Nothing is taken before this holds. */
  ready?: boolean;
  /** What else is asked for, between the picture and the buttons. */
  children?: ReactNode;
  onBack(): void;
  /** No browser makes a picture of it. */
  onUnreadable(): void;
  /** Takes what lies under the mask; answers with what went wrong, in words, if anything did. */
  onTake(cut: Blob, onSent: (share: number) => void, signal: AbortSignal): Promise<string | undefined>;
}

export function Crop({ file, kind, action, ready = true, children, onBack, onUnreadable, onTake }: CropProps) {
  const t = useTranslations('crop');
  const id = useId();
  const url = useBlobUrl(file);
  const stage = useRef<HTMLDivElement>(null);
  const mask = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLImageElement>(null);
  const frame = useRoom(mask);
  const [natural, setNatural] = useState<Size>();
  const [view, setView] = useState(WHOLE);
  const [glide, setGlide] = useState(false);
  const [share, setShare] = useState<number>();
  const [problem, setProblem] = useState<string>();
  const ends = useRef<AbortController>(undefined);
  useEffect(() => () => ends.current?.abort(), []);

  const whole = natural ? covering(natural, frame) : frame;
  const sending = share !== undefined;
  const gestures = useGestures(stage, {
    view,
    whole,
    frame,
    onView: (next: View, glides = false) => {
      if (sending) return;
      setView(next);
      setGlide(glides);
    },
  });
  const zoom = (factor: number) => gestures.look(zoomed(gestures.latest.current, factor, MIDDLE, whole, frame), true);
  const aside = (x: number, y: number) => {
    const by = { x: x * frame.width * ASIDE, y: y * frame.height * ASIDE };
    gestures.look(panned(gestures.latest.current, by, whole, frame), true);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const deeds = {
      moveRight: () => aside(1, 0),
      moveLeft: () => aside(-1, 0),
      moveUp: () => aside(0, -1),
      moveDown: () => aside(0, 1),
      zoomIn: () => zoom(STEP),
      zoomInToo: () => zoom(STEP),
      zoomOut: () => zoom(1 / STEP),
      whole: () => gestures.look(WHOLE, true),
    };
    const action = keyAction('crop', event.nativeEvent) ?? keyAction('viewer', event.nativeEvent);
    if (!action || !(action in deeds)) return;
    event.preventDefault();
    deeds[action as keyof typeof deeds]();
  };

  const send = async () => {
    const image = picture.current;
    if (!image || !natural || sending || !ready) return;
    setProblem(undefined);
    setShare(0);
    ends.current = new AbortController();
    const { signal } = ends.current;
    const cut = await cutOut(image, inFrame(view, whole, frame, natural)).catch(() => undefined);
    if (!cut) return onUnreadable();
    const wrong = await onTake(cut, setShare, signal);
    if (signal.aborted) return;
    setProblem(wrong);
    setShare(undefined);
  };

  const near = Math.log(view.scale) / Math.log(NEAREST);
  return (
    <form
      className="ui-crop"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {problem && <Banner tone="error">{problem}</Banner>}
      {/* biome-ignore lint/a11y/useSemanticElements: what is moved is no field of a form */}
      <div
        ref={stage}
        className="ui-crop-stage"
        data-testid="crop-stage"
        data-there={natural !== undefined || undefined}
        data-glide={glide || undefined}
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys, as it is by gestures
        tabIndex={0}
        aria-label={t('stage')}
        aria-describedby={id}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => event.button === 0 && gestures.down(event)}
        onPointerMove={gestures.onPointerMove}
        onPointerUp={gestures.up}
        onPointerCancel={gestures.up}
      >
        {url && (
          <img
            ref={picture}
            src={url}
            alt=""
            draggable={false}
            style={{
              width: whole.width,
              height: whole.height,
              transform: `translate(-50%, -50%) translate(${view.x}px, ${view.y}px) scale(${view.scale})`,
            }}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => {
              if (naturalWidth > 0) setNatural({ width: naturalWidth, height: naturalHeight });
              else onUnreadable();
            }}
            onError={onUnreadable}
          />
        )}
        <div ref={mask} className="ui-crop-mask" data-kind={kind} />
        {!natural && <Spinner label={t('loading')} />}
      </div>
      <p className="ui-crop-hint" id={id}>
        {t('stageHint')}
      </p>
      {sending ? (
        <Progress label={t('sending')} value={share * 100} />
      ) : (
        <Slider
          label={t('zoom')}
          value={Math.round(near * STEPS)}
          min={0}
          max={STEPS}
          step={1}
          text={t('percent', { value: Math.round(view.scale * 100) })}
          onChange={(value) =>
            gestures.look(zoomed(view, NEAREST ** (value / STEPS) / view.scale, MIDDLE, whole, frame))
          }
        />
      )}
      {children}
      <footer className="ui-dialog-actions">
        <Button onClick={onBack} disabled={sending}>
          {t('back')}
        </Button>
        <Button type="submit" variant="primary" busy={sending} disabled={!natural || !ready}>
          {action}
        </Button>
      </footer>
    </form>
  );
}
