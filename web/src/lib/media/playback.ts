/** What is played, as an explicit machine; who has the one element that sounds moves it. */

export interface Track {
  /** The same for the same sound, wherever a player of it stands. */
  readonly key: string;
  readonly src: string;
  readonly title: string;
  /** As the server tells it: what is in the file itself may be missing. */
  readonly seconds?: number | undefined;
  /** The message it is in; without one it is not told beyond its player. */
  readonly roomId?: number | undefined;
  readonly messageId?: number | undefined;
  /** What is heard after it, asked at its end. */
  readonly next?: (() => Track | undefined) | undefined;
}

export type PlaybackPhase = 'idle' | 'loading' | 'playing' | 'paused' | 'failed';

export interface Playback {
  readonly phase: PlaybackPhase;
  readonly track: Track | undefined;
  /** In seconds. */
  readonly at: number;
  readonly seconds: number | undefined;
  /** Where others were left, the latest last. */
  readonly left: readonly { readonly key: string; readonly at: number }[];
}

export const SILENCE: Playback = { phase: 'idle', track: undefined, at: 0, seconds: undefined, left: [] };

export type PlaybackEvent =
  /** Somebody wants this one, from there or from where it was left. */
  | { readonly type: 'wanted'; readonly track: Track; readonly at?: number | undefined }
  | { readonly type: 'sought'; readonly at: number }
  | { readonly type: 'measured'; readonly seconds: number }
  | { readonly type: 'waiting' }
  | { readonly type: 'sounding' }
  | { readonly type: 'paused' }
  | { readonly type: 'moved'; readonly at: number }
  | { readonly type: 'ended' }
  | { readonly type: 'failed' }
  | { readonly type: 'stopped' };

const REMEMBERED = 20;

export function played(state: Playback, event: PlaybackEvent): Playback {
  if (event.type === 'wanted') {
    const left = leave(state);
    const { track } = event;
    const at = event.at ?? left.find(({ key }) => key === track.key)?.at ?? 0;
    return { phase: 'loading', track, at, seconds: track.seconds, left: left.filter(({ key }) => key !== track.key) };
  }
  // An element tells its last words when nobody asks any more.
  if (!state.track) return state;
  switch (event.type) {
    case 'sought':
      return { ...state, at: within(event.at, state.seconds) };
    case 'measured': {
      // What a browser recorded has no length of its own.
      const known = Number.isFinite(event.seconds) && event.seconds > 0;
      return known ? { ...state, seconds: event.seconds } : state;
    }
    case 'waiting':
      return state.phase === 'playing' ? { ...state, phase: 'loading' } : state;
    case 'sounding':
      return { ...state, phase: 'playing' };
    case 'paused':
      return state.phase === 'failed' ? state : { ...state, phase: 'paused' };
    case 'moved':
      return { ...state, at: within(event.at, state.seconds) };
    case 'failed':
      return { ...state, phase: 'failed' };
    case 'ended':
      return { ...SILENCE, left: state.left };
    case 'stopped':
      return { ...SILENCE, left: leave(state) };
  }
}

function leave({ track, at, left }: Playback): Playback['left'] {
  if (!track || at < 1) return left;
  return [...left.filter(({ key }) => key !== track.key), { key: track.key, at }].slice(-REMEMBERED);
}

/** The length that was told may be a little short. */
const within = (at: number, seconds: number | undefined) =>
  Math.min(Math.max(0, at), seconds ?? Number.POSITIVE_INFINITY);

/** How one player of many stands to it. */
export function standOf(state: Playback, track: Track): Pick<Playback, 'phase' | 'at' | 'seconds'> {
  if (state.track?.key === track.key) return state;
  const at = state.left.find(({ key }) => key === track.key)?.at ?? 0;
  return { phase: 'idle', at, seconds: track.seconds };
}

export const RATES = [1, 1.5, 2] as const;
export type Rate = (typeof RATES)[number];

export function nextRate(rate: Rate): Rate {
  return RATES[(RATES.indexOf(rate) + 1) % RATES.length] ?? 1;
}

export function rateOf(kept: unknown): Rate {
  return RATES.find((rate) => rate === Number(kept)) ?? 1;
}
