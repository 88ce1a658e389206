import { expect, test } from 'vitest';
import {
  elapsed,
  endsOnRelease,
  holdsSound,
  NOT_RECORDING,
  type Recording,
  type RecordingEvent,
  recorded,
} from './recording';

const after = (...events: RecordingEvent[]): Recording => events.reduce(recorded, NOT_RECORDING);
const running = after({ type: 'pressed' }, { type: 'granted' }, { type: 'begun', now: 1000 });

test('nothing is recorded before it is begun', () => {
  const ready = after({ type: 'pressed' }, { type: 'granted' });
  expect([ready.phase, elapsed(ready, 9000), holdsSound(ready)]).toEqual(['ready', 0, false]);
  expect(after({ type: 'pressed' }, { type: 'begun', now: 1 }).phase).toBe('asking');
  expect(recorded(ready, { type: 'refused', why: 'failed' }).phase).toBe('refused');
});

test('a pause is not counted', () => {
  const paused = recorded(running, { type: 'paused', now: 4000 });
  expect(elapsed(paused, 60_000)).toBe(3000);
  const again = recorded(paused, { type: 'resumed', now: 60_000 });
  expect(elapsed(again, 62_000)).toBe(5000);
  expect(recorded(again, { type: 'stopped', now: 62_000 })).toEqual({ phase: 'closing', ms: 5000 });
});

test('it can be stopped in a pause, and is heard before it is sent', () => {
  const closing = recorded(recorded(running, { type: 'paused', now: 2000 }), { type: 'stopped', now: 9000 });
  expect(recorded(closing, { type: 'closed', empty: false })).toEqual({ phase: 'review', ms: 1000 });
});

test('who threw it away while the browser asked records nothing', () => {
  const gone = after({ type: 'pressed' }, { type: 'done' });
  expect(recorded(gone, { type: 'granted' })).toBe(gone);
  expect(recorded(gone, { type: 'refused', why: 'denied' })).toBe(gone);
});

test('a refusal says why, and another press asks again', () => {
  const refused = after({ type: 'pressed' }, { type: 'refused', why: 'denied' });
  expect(refused).toEqual({ phase: 'refused', why: 'denied' });
  expect(recorded(refused, { type: 'pressed' }).phase).toBe('asking');
});

test('a device that gave nothing is a failure, not an empty message', () => {
  const closing = recorded(running, { type: 'stopped', now: 2000 });
  expect(recorded(closing, { type: 'closed', empty: true })).toEqual({ phase: 'refused', why: 'failed' });
});

test('what could not be sent is still there', () => {
  const events: RecordingEvent[] = [
    { type: 'stopped', now: 3000 },
    { type: 'closed', empty: false },
    { type: 'sending' },
    { type: 'kept' },
  ];
  expect(events.reduce(recorded, running)).toEqual({ phase: 'review', ms: 2000 });
});

test('a second press while it runs begins nothing anew', () => {
  expect(recorded(running, { type: 'pressed' })).toBe(running);
  expect(recorded(running, { type: 'granted' })).toBe(running);
  expect(recorded(running, { type: 'begun', now: 9000 })).toBe(running);
});

test('a tap leaves it running, the end of a hold ends it', () => {
  expect(endsOnRelease(running, 1200)).toBe(false);
  expect(endsOnRelease(running, 2500)).toBe(true);
  // The question of the browser came in between.
  expect(endsOnRelease(after({ type: 'pressed' }), 9000)).toBe(false);
});

test('from the first second until it is gone there is something to lose', () => {
  expect(holdsSound(NOT_RECORDING)).toBe(false);
  expect(holdsSound(after({ type: 'pressed' }))).toBe(false);
  expect(holdsSound(running)).toBe(true);
  expect(holdsSound({ phase: 'review', ms: 1 })).toBe(true);
});
