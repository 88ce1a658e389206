/**
 * The one element that sounds, above all rooms: who moves on goes on hearing. It moves the machine of lib/media/playback; players
 * and the bar draw what that says.
 */
import { create } from 'zustand';
import {
  nextRate,
  type Playback,
  type PlaybackEvent,
  played,
  type Rate,
  rateOf,
  SILENCE,
  type Track,
} from '../../lib/media/playback';
import { useSession } from '../../state';

export const usePlayback = create<Playback>(() => SILENCE);

const KEPT = 'chinwag.rate';

function keptRate(): Rate {
  try {
    return rateOf(localStorage.getItem(KEPT));
  } catch {
    return 1;
  }
}

/** How fast all sounds are played on this device. */
export const useRate = create<{ readonly rate: Rate }>(() => ({ rate: keptRate() }));

let element: HTMLAudioElement | undefined;

function tell(event: PlaybackEvent): void {
  usePlayback.setState(played(usePlayback.getState(), event), true);
}

/** Made with the first sound. */
function speaker(): HTMLAudioElement {
  if (element) return element;
  const audio = new Audio();
  audio.preload = 'metadata';
  const on = (name: string, event: () => PlaybackEvent) => audio.addEventListener(name, () => tell(event()));
  on('playing', () => ({ type: 'sounding' }));
  on('waiting', () => ({ type: 'waiting' }));
  on('durationchange', () => ({ type: 'measured', seconds: audio.duration }));
  audio.addEventListener('ended', () => {
    // It is told a moment late: who has moved it back meanwhile is not at its end.
    if (!audio.ended) return;
    const next = usePlayback.getState().track?.next?.();
    tell({ type: 'ended' });
    if (next) play(next);
  });
  // It pauses by itself at the end, which is told as such.
  audio.addEventListener('pause', () => !audio.ended && tell({ type: 'paused' }));
  audio.addEventListener(
    'timeupdate',
    () => !audio.seeking && !awaited && tell({ type: 'moved', at: audio.currentTime }),
  );
  audio.addEventListener('loadedmetadata', () => {
    if (awaited) audio.currentTime = awaited;
    awaited = 0;
    audio.playbackRate = useRate.getState().rate;
  });
  // Without a source there is nothing that could fail.
  audio.addEventListener('error', () => audio.hasAttribute('src') && tell({ type: 'failed' }));
  element = audio;
  return audio;
}

/** Where it is to begin, until enough has come to go there. */
let awaited = 0;
/** What sounds now: one at a time, of audio and video. */
let sounding: HTMLMediaElement | undefined;

/** This one is heard from now on, or none: what sounded until now pauses. */
export function soundBegins(media: HTMLMediaElement | undefined): void {
  if (sounding !== media) sounding?.pause();
  sounding = media;
}

/** Plays it, from here or from where it was left. */
export function play(track: Track, at?: number): void {
  const audio = speaker();
  const { track: held, phase } = usePlayback.getState();
  soundBegins(audio);
  if (held?.key === track.key && phase !== 'failed') {
    if (at !== undefined) seek(at);
  } else {
    tell({ type: 'wanted', track, at });
    awaited = usePlayback.getState().at;
    audio.src = track.src;
    audio.defaultPlaybackRate = useRate.getState().rate;
  }
  audio.play().catch((cause: unknown) => {
    // Another sound, or a pause, came in between: those tell of themselves.
    if (!(cause instanceof DOMException && cause.name === 'AbortError')) tell({ type: 'failed' });
  });
}

export function pause(): void {
  element?.pause();
}

export function seek(at: number): void {
  tell({ type: 'sought', at });
  if (!element) return;
  const to = usePlayback.getState().at;
  if (element.readyState === HTMLMediaElement.HAVE_NOTHING) awaited = to;
  else element.currentTime = to;
}

export function toggle(track: Track): void {
  const { track: held, phase } = usePlayback.getState();
  if (held?.key === track.key && (phase === 'playing' || phase === 'loading')) pause();
  else play(track);
}

/** Silence, if this one sounds; without a key whatever sounds. */
export function stop(key?: string): void {
  const { track } = usePlayback.getState();
  if (!track || (key !== undefined && track.key !== key)) return;
  tell({ type: 'stopped' });
  awaited = 0;
  element?.pause();
  // Lets go of the connection and of what was fetched.
  element?.removeAttribute('src');
  element?.load();
}

/** Faster, or as it was spoken again. */
export function changeRate(): void {
  const rate = nextRate(useRate.getState().rate);
  useRate.setState({ rate });
  if (element) {
    element.defaultPlaybackRate = rate;
    element.playbackRate = rate;
  }
  try {
    localStorage.setItem(KEPT, `${rate}`);
  } catch {
    // Storage is closed: it lasts as long as the page.
  }
}

// What belongs to an account is not heard without it.
useSession.subscribe(({ status }) => {
  if (status === 'anonymous') stop();
});
