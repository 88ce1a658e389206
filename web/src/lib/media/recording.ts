/** The way of a recording from the first press until it is sent or thrown away, as an explicit machine. */
import type { DeviceFault } from './faults';

export type Recording =
  | { readonly phase: 'idle' }
  /** The browser asks the person. */
  | { readonly phase: 'asking' }
  | { readonly phase: 'refused'; readonly why: DeviceFault }
  /** One sees and hears oneself, and nothing is recorded yet. */
  | { readonly phase: 'ready' }
  /** `before` in ms is what was recorded before `since`. */
  | { readonly phase: 'running'; readonly before: number; readonly since: number }
  | { readonly phase: 'paused'; readonly before: number }
  /** What was recorded is put together. */
  | { readonly phase: 'closing'; readonly ms: number }
  | { readonly phase: 'review'; readonly ms: number }
  | { readonly phase: 'sending'; readonly ms: number };

export const NOT_RECORDING: Recording = { phase: 'idle' };

export type RecordingEvent =
  | { readonly type: 'pressed' }
  | { readonly type: 'granted' }
  | { readonly type: 'begun'; readonly now: number }
  | { readonly type: 'refused'; readonly why: DeviceFault }
  | { readonly type: 'paused'; readonly now: number }
  | { readonly type: 'resumed'; readonly now: number }
  | { readonly type: 'stopped'; readonly now: number }
  /** `empty`: the device gave nothing. */
  | { readonly type: 'closed'; readonly empty: boolean }
  | { readonly type: 'sending' }
  | { readonly type: 'kept' }
  | { readonly type: 'done' };

/** What comes out of turn changes nothing: a device answers when it likes. */
export function recorded(state: Recording, event: RecordingEvent): Recording {
  switch (event.type) {
    case 'pressed':
      return state.phase === 'idle' || state.phase === 'refused' ? { phase: 'asking' } : state;
    case 'granted':
      return state.phase === 'asking' ? { phase: 'ready' } : state;
    case 'begun':
      return state.phase === 'ready' ? { phase: 'running', before: 0, since: event.now } : state;
    case 'refused':
      return state.phase === 'asking' || state.phase === 'ready' ? { phase: 'refused', why: event.why } : state;
    case 'paused':
      return state.phase === 'running' ? { phase: 'paused', before: elapsed(state, event.now) } : state;
    case 'resumed':
      return state.phase === 'paused' ? { phase: 'running', before: state.before, since: event.now } : state;
    case 'stopped':
      return isOpen(state) ? { phase: 'closing', ms: elapsed(state, event.now) } : state;
    case 'closed':
      if (state.phase !== 'closing') return state;
      return event.empty ? { phase: 'refused', why: 'failed' } : { phase: 'review', ms: state.ms };
    case 'sending':
      return state.phase === 'review' ? { phase: 'sending', ms: state.ms } : state;
    case 'kept':
      return state.phase === 'sending' ? { phase: 'review', ms: state.ms } : state;
    case 'done':
      return NOT_RECORDING;
  }
}

/** Something is being recorded, or could go on being. */
export function isOpen(state: Recording): boolean {
  return state.phase === 'running' || state.phase === 'paused';
}

/** There is something that would be lost. */
export function holdsSound(state: Recording): boolean {
  return isOpen(state) || state.phase === 'closing' || state.phase === 'review' || state.phase === 'sending';
}

/** How long it is by now, in ms. */
export function elapsed(state: Recording, now: number): number {
  switch (state.phase) {
    case 'running':
      return state.before + Math.max(0, now - state.since);
    case 'paused':
      return state.before;
    case 'closing':
    case 'review':
    case 'sending':
      return state.ms;
    default:
      return 0;
  }
}

/** What is shorter was a tap: recording goes on with free hands until it is stopped by another. */
const TAP_MS = 400;

/** Whether letting go of the button ends the recording: only where it was held while it ran. */
export function endsOnRelease(state: Recording, now: number): boolean {
  return state.phase === 'running' && elapsed(state, now) >= TAP_MS;
}
