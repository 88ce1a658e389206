import { expect, test } from 'vitest';
import { nextRate, type Playback, type PlaybackEvent, played, rateOf, SILENCE, standOf, type Track } from './playback';

const track = (key: string, seconds?: number): Track => ({ key, src: `/api/files/${key}`, title: key, seconds });
const after = (...events: PlaybackEvent[]): Playback => events.reduce(played, SILENCE);
const a = track('a', 60);
const b = track('b', 30);

test('what is wanted loads, sounds and moves', () => {
  expect(after({ type: 'wanted', track: a })).toMatchObject({ phase: 'loading', track: a, at: 0, seconds: 60 });
  expect(after({ type: 'wanted', track: a }, { type: 'sounding' }, { type: 'moved', at: 3 })).toMatchObject({
    phase: 'playing',
    at: 3,
  });
});

test('who waits for bytes is not paused', () => {
  const state = after({ type: 'wanted', track: a }, { type: 'sounding' }, { type: 'waiting' });
  expect(state.phase).toBe('loading');
  expect(played(after({ type: 'wanted', track: a }, { type: 'paused' }), { type: 'waiting' }).phase).toBe('paused');
});

test('another sound is begun, and the first goes on where it was left', () => {
  const other = after({ type: 'wanted', track: a }, { type: 'moved', at: 40 }, { type: 'wanted', track: b });
  expect(other).toMatchObject({ track: b, at: 0, seconds: 30 });
  expect(standOf(other, a)).toEqual({ phase: 'idle', at: 40, seconds: 60 });
  expect(played(other, { type: 'wanted', track: a })).toMatchObject({ track: a, at: 40 });
});

test('a place that somebody points at is taken, not the one it was left at', () => {
  const state = after({ type: 'wanted', track: a }, { type: 'moved', at: 40 }, { type: 'stopped' });
  expect(played(state, { type: 'wanted', track: a, at: 12 }).at).toBe(12);
});

test('heard to its end, it begins anew', () => {
  const state = after({ type: 'wanted', track: a }, { type: 'moved', at: 60 }, { type: 'ended' });
  expect(state.track).toBeUndefined();
  expect(standOf(state, a)).toMatchObject({ phase: 'idle', at: 0 });
});

test('the length in the file counts where it has one, else the one that was told', () => {
  const wanted = after({ type: 'wanted', track: a });
  expect(played(wanted, { type: 'measured', seconds: 61.5 }).seconds).toBe(61.5);
  expect(played(wanted, { type: 'measured', seconds: Number.POSITIVE_INFINITY }).seconds).toBe(60);
  expect(played(wanted, { type: 'measured', seconds: Number.NaN }).seconds).toBe(60);
});

test('nobody seeks beyond either end', () => {
  const wanted = after({ type: 'wanted', track: a });
  expect(played(wanted, { type: 'sought', at: 99 }).at).toBe(60);
  expect(played(wanted, { type: 'sought', at: -1 }).at).toBe(0);
});

test('what failed says so until something else is wanted', () => {
  const failed = after({ type: 'wanted', track: a }, { type: 'failed' }, { type: 'paused' });
  expect(failed.phase).toBe('failed');
  expect(played(failed, { type: 'wanted', track: a }).phase).toBe('loading');
});

test('the last words of an element that was let go of change nothing', () => {
  const stopped = after({ type: 'wanted', track: a }, { type: 'stopped' });
  for (const type of ['paused', 'sounding', 'ended', 'failed'] as const)
    expect(played(stopped, { type })).toBe(stopped);
});

test('only so many places are remembered, the latest of them', () => {
  const events = Array.from({ length: 50 }, (_, at): PlaybackEvent[] => [
    { type: 'wanted', track: track(`${at}`, 60) },
    { type: 'moved', at: 10 },
  ]).flat();
  const { left } = after(...events);
  expect(left).toHaveLength(20);
  expect(left.at(-1)?.key).toBe('48');
});

test('speeds go round, and one that nobody knows is the usual one', () => {
  expect([1, 1.5, 2].map((rate) => nextRate(rateOf(rate)))).toEqual([1.5, 2, 1]);
  expect([rateOf('1.5'), rateOf(null), rateOf('7')]).toEqual([1.5, 1, 1]);
});
