/** A microphone in the bar of what one writes in; while something is recorded it lies over that box, with all one can do with it. */
import { Mic, Pause, SendHorizontal, Square, Trash2, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { useStore } from 'zustand';
import { keyAction } from '../../lib/keys';
import { clockText } from '../../lib/media/clock';
import type { Track } from '../../lib/media/playback';
import { holdsSound } from '../../lib/media/recording';
import type { Place } from '../../state';
import { Button, IconButton, Spinner, VisuallyHidden } from '../../ui';
import AudioPlayer from './audio-player';
import { Levels } from './levels';
import './media.css';
import { useBlobUrl } from '../../ui/use-blob-url';
import { soundBegins, stop } from './playing';
import type { FinishedRecording, Recorder, RecorderState } from './recorder';
import { leaveRecorder, recorderOf } from './recorders';
import { DeviceRefusal } from './refusal';

export interface VoiceRecorderProps {
  place: Place;
  /** Throws where it could not be taken: it then stays to be tried again. */
  onSend: (finished: FinishedRecording) => Promise<void> | void;
}

export default function VoiceRecorder({ place, onSend }: VoiceRecorderProps) {
  const t = useTranslations('media');
  const recorder = useMemo(() => recorderOf('voice', place), [place]);
  const state = useStore(recorder.store);
  const button = useRef<HTMLButtonElement>(null);
  const strip = useRef<HTMLDivElement>(null);
  const covers = state.recording.phase !== 'idle';
  useEffect(() => () => leaveRecorder('voice', place), [place]);

  // The focus goes with what can be done: over the box, and back.
  const covered = useRef(covers);
  useEffect(() => {
    if (covered.current === covers) return;
    covered.current = covers;
    if (covers) strip.current?.focus({ preventScroll: true });
    else button.current?.focus({ preventScroll: true });
  }, [covers]);

  const press = () => {
    // What plays would be recorded, too.
    soundBegins(undefined);
    void recorder.press();
  };
  /** Held, it records until it is let go of, wherever the finger is then. */
  const hold = () => {
    const held = new AbortController();
    const { signal } = held;
    const forget = () => held.abort();
    const end = () => {
      recorder.release();
      // The click of this press comes before anything else is pressed, or not at all.
      window.addEventListener('pointerdown', forget, { capture: true, signal });
      window.addEventListener('keydown', forget, { capture: true, signal });
    };
    // By then what it was pressed on lies under the strip: the click would press a button of that.
    const swallow = (event: Event) => {
      event.stopPropagation();
      event.preventDefault();
      forget();
    };
    window.addEventListener('click', swallow, { capture: true, signal });
    window.addEventListener('pointerup', end, { once: true, signal });
    // A system that takes the finger for something else does not say that it was lifted: recording goes on.
    window.addEventListener('pointercancel', forget, { signal });
    press();
  };

  // Out of it, and nothing that was said is lost.
  const onKeyDown = (event: KeyboardEvent) => {
    if (keyAction('composer', event.nativeEvent) !== 'cancel') return;
    const { phase } = state.recording;
    if (phase === 'running' || phase === 'paused') void recorder.stop();
    else if (phase === 'asking' || phase === 'ready' || phase === 'refused') recorder.discard();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <>
      <IconButton
        ref={button}
        className="rec-mic"
        label={t('record')}
        data-testid="mic"
        onPointerDown={(event) => {
          if (event.button === 0) hold();
        }}
        // The focus has gone over the box by then, and stays there.
        onMouseDown={(event) => event.preventDefault()}
        onClick={press}
        onContextMenu={(event) => event.preventDefault()}
      >
        <Mic />
      </IconButton>
      {covers && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is filled in
        <div
          ref={strip}
          className="rec-strip"
          data-covers=""
          data-testid="voice-strip"
          data-phase={state.recording.phase}
          role="group"
          aria-label={t('voiceMessage')}
          tabIndex={-1}
          onKeyDown={onKeyDown}
        >
          <Strip recorder={recorder} state={state} place={place} onAgain={press} onSend={onSend} />
        </div>
      )}
    </>
  );
}

interface StripProps extends VoiceRecorderProps {
  recorder: Recorder;
  state: RecorderState;
  onAgain: () => void;
}

function Strip({ recorder, state, place, onAgain, onSend }: StripProps) {
  const t = useTranslations('media');
  const ui = useTranslations('ui');
  const { recording, ms, levels, silent, finished } = state;
  if (recording.phase === 'refused') {
    return (
      <>
        <DeviceRefusal why={recording.why} kind="voice" />
        <span className="rec-deeds">
          <Button size="small" onClick={onAgain}>
            {ui('retry')}
          </Button>
          <IconButton label={ui('close')} onClick={() => recorder.discard()}>
            <X />
          </IconButton>
        </span>
      </>
    );
  }
  if (recording.phase === 'asking' || recording.phase === 'ready') {
    return (
      <>
        <p className="rec-words" role="status">
          {t('asking', { kind: 'voice' })}
        </p>
        <Button size="small" onClick={() => recorder.discard()}>
          {ui('cancel')}
        </Button>
      </>
    );
  }
  const open = recording.phase === 'running' || recording.phase === 'paused';
  return (
    <>
      <IconButton label={t('discard')} onClick={() => recorder.discard()}>
        <Trash2 />
      </IconButton>
      {open ? (
        <>
          <span className="rec-dot" data-on={recording.phase === 'running' || undefined} aria-hidden="true" />
          <time className="rec-clock" role="timer">
            {clockText(ms / 1000)}
          </time>
          <VisuallyHidden>
            <span role="status">{recording.phase === 'running' ? t('recording') : t('paused')}</span>
          </VisuallyHidden>
          {silent ? (
            <span className="rec-words" role="status">
              {t('silent')}
            </span>
          ) : (
            <Levels levels={levels} still={recording.phase === 'paused'} />
          )}
          {recording.phase === 'running' ? (
            <IconButton label={t('pauseRecording')} onClick={() => recorder.pause()}>
              <Pause />
            </IconButton>
          ) : (
            <IconButton label={t('goOn')} onClick={() => recorder.resume()}>
              <Mic />
            </IconButton>
          )}
          <IconButton label={t('listen')} data-testid="stop" onClick={() => void recorder.stop()}>
            <Square />
          </IconButton>
        </>
      ) : finished ? (
        <Review blob={finished.blob} place={place} seconds={finished.durationMs / 1000} waveform={finished.waveform} />
      ) : (
        <span className="rec-words">
          <Spinner after={300} />
        </span>
      )}
      <button
        type="button"
        className="rec-send"
        data-testid="send-voice"
        aria-label={t('send')}
        data-tip={t('send')}
        aria-disabled={recording.phase === 'closing' || recording.phase === 'sending' || undefined}
        onClick={() => holdsSound(recording) && void recorder.send(onSend)}
      >
        <SendHorizontal size={18} aria-hidden="true" />
      </button>
    </>
  );
}

/** What was recorded, as the others will hear it. */
function Review({
  blob,
  place,
  seconds,
  waveform,
}: {
  blob: Blob;
  place: Place;
  seconds: number;
  waveform: readonly number[] | undefined;
}) {
  const t = useTranslations('media');
  const src = useBlobUrl(blob);
  const key = `unsent ${place}`;
  useEffect(() => () => stop(key), [key]);
  if (!src) return null;
  const track: Track = { key, src, title: t('yourRecording'), seconds };
  return <AudioPlayer track={track} waveform={waveform} />;
}
