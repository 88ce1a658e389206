/** A video message: one sees oneself, records, looks at it, and only then sends it. */
import { Circle, Pause, Square, Video } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { useStore } from 'zustand';
import { clockText } from '../../lib/media/clock';
import { holdsSound } from '../../lib/media/recording';
import type { Place } from '../../state';
import { Button, Dialog, Spinner } from '../../ui';
import { Levels } from './levels';
import './media.css';
import { useBlobUrl } from '../../ui/use-blob-url';
import { soundBegins } from './playing';
import { posterOf } from './poster';
import { type FinishedRecording, LONGEST, type Recorder, type RecorderState } from './recorder';
import { leaveRecorder, recorderOf } from './recorders';
import { DeviceRefusal } from './refusal';

export interface VideoRecorderProps {
  place: Place;
  open: boolean;
  onClose: () => void;
  /** Throws where it could not be taken: it then stays to be tried again. */
  onSend: (finished: FinishedRecording) => Promise<void> | void;
}

export default function VideoRecorder({ place, open, onClose, onSend }: VideoRecorderProps) {
  const t = useTranslations('media');
  const recorder = useMemo(() => recorderOf('video', place), [place]);
  const state = useStore(recorder.store);
  const { phase } = state.recording;
  useEffect(() => {
    if (!open) return;
    soundBegins(undefined);
    void recorder.press();
    // Closed by whatever: the camera goes out, and what was recorded is there the next time.
    return () => leaveRecorder('video', place);
  }, [open, recorder, place]);

  const throwAway = () => {
    recorder.discard();
    onClose();
  };
  const send = async () => {
    await recorder.send(onSend);
    if (recorder.store.getState().recording.phase === 'idle') onClose();
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('videoMessage')}
      className="rec-dialog"
      must={holdsSound(state.recording)}
      actions={<Deeds recorder={recorder} phase={phase} onDiscard={throwAway} onSend={() => void send()} />}
    >
      <div className="rec-video" data-testid="video-recorder" data-phase={phase}>
        <Picture recorder={recorder} state={state} />
      </div>
    </Dialog>
  );
}

function Picture({ recorder, state }: { recorder: Recorder; state: RecorderState }) {
  const t = useTranslations('media');
  const { recording, ms, levels, silent, stream, finished } = state;
  if (recording.phase === 'refused') return <DeviceRefusal why={recording.why} kind="video" />;
  if (finished) return <Review recorder={recorder} finished={finished} />;
  if (!stream) {
    return (
      <p className="rec-words" role="status">
        {recording.phase === 'closing' ? <Spinner after={300} /> : t('asking', { kind: 'video' })}
      </p>
    );
  }
  const running = recording.phase === 'running';
  return (
    <>
      <Mirror stream={stream} />
      <div className="rec-over">
        {recording.phase !== 'ready' && (
          <>
            <span className="rec-dot" data-on={running || undefined} aria-hidden="true" />
            <time className="rec-clock" role="timer">
              {t('clockOf', { at: clockText(ms / 1000), most: clockText(LONGEST.video / 1000) })}
            </time>
          </>
        )}
        {silent ? (
          <span className="rec-words" role="status">
            {t('silent')}
          </span>
        ) : (
          <Levels levels={levels} still={recording.phase === 'paused'} />
        )}
      </div>
    </>
  );
}

/** As one knows oneself: the others see it the other way round. */
function Mirror({ stream }: { stream: MediaStream }) {
  const t = useTranslations('media');
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return <video ref={video} className="rec-mirror" aria-label={t('preview')} muted autoPlay playsInline />;
}

function Review({ recorder, finished }: { recorder: Recorder; finished: FinishedRecording }) {
  const t = useTranslations('media');
  const src = useBlobUrl(finished.blob);
  const make = async (video: HTMLVideoElement) => {
    if (finished.poster) return;
    recorder.addPoster(await posterOf(video).catch(() => undefined));
  };
  return (
    // biome-ignore lint/a11y/useMediaCaption: one looks at what one has just said
    <video
      src={src}
      aria-label={t('yourRecording')}
      controls
      playsInline
      data-testid="video-review"
      onLoadedData={(event) => void make(event.currentTarget)}
      onPlay={(event) => soundBegins(event.currentTarget)}
    />
  );
}

interface DeedsProps {
  recorder: Recorder;
  phase: RecorderState['recording']['phase'];
  onDiscard: () => void;
  onSend: () => void;
}

function Deeds({ recorder, phase, onDiscard, onSend }: DeedsProps) {
  const t = useTranslations('media');
  const ui = useTranslations('ui');
  switch (phase) {
    case 'idle':
    case 'asking':
      return <Button onClick={onDiscard}>{ui('cancel')}</Button>;
    case 'refused':
      return (
        <>
          <Button onClick={onDiscard}>{ui('cancel')}</Button>
          <Button variant="primary" onClick={() => void recorder.press()}>
            {ui('retry')}
          </Button>
        </>
      );
    case 'ready':
      return (
        <>
          <Button onClick={onDiscard}>{ui('cancel')}</Button>
          <Button variant="primary" icon={<Circle />} data-testid="begin" onClick={() => recorder.begin()}>
            {t('begin')}
          </Button>
        </>
      );
    case 'running':
    case 'paused':
      return (
        <>
          <Button onClick={onDiscard}>{t('discard')}</Button>
          {phase === 'running' ? (
            <Button icon={<Pause />} onClick={() => recorder.pause()}>
              {t('pauseRecording')}
            </Button>
          ) : (
            <Button icon={<Video />} onClick={() => recorder.resume()}>
              {t('goOn')}
            </Button>
          )}
          <Button variant="primary" icon={<Square />} data-testid="stop" onClick={() => void recorder.stop()}>
            {t('stop')}
          </Button>
        </>
      );
    case 'closing':
    case 'review':
    case 'sending':
      return (
        <>
          <Button disabled={phase !== 'review'} onClick={onDiscard}>
            {t('discard')}
          </Button>
          <Button variant="primary" busy={phase !== 'review'} data-testid="send-video" onClick={onSend}>
            {t('send')}
          </Button>
        </>
      );
  }
}
