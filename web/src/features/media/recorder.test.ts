import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DeviceFault } from '../../lib/media/faults';
import type { RecordingKind } from '../../lib/media/formats';
import { type Capture, type Listener, Refused } from './capture';
import { LONGEST, Recorder } from './recorder';

/** A device that tells what it is told, and what was done to it. */
class Device implements Capture {
  readonly done: string[] = [];
  readonly stream = {} as MediaStream;
  readonly listener: Listener;
  blob = new Blob(['sound'], { type: 'audio/webm' });

  constructor(listener: Listener) {
    this.listener = listener;
  }
  begin = () => void this.done.push('begin');
  pause = () => void this.done.push('pause');
  resume = () => void this.done.push('resume');
  close = () => void this.done.push('close');
  finish = async () => {
    this.done.push('finish');
    return this.blob;
  };
}

let now = 0;
let devices: Device[] = [];
let refusal: DeviceFault | undefined;

function recorderFor(kind: RecordingKind): Recorder {
  const open = async (_: RecordingKind, listener: Listener) => {
    if (refusal) throw new Refused(refusal);
    const device = new Device(listener);
    devices.push(device);
    return device;
  };
  return new Recorder(kind, open, () => now);
}

const phaseOf = (recorder: Recorder) => recorder.store.getState().recording.phase;
function device(): Device {
  const last = devices.at(-1);
  if (!last) throw new Error('no device was asked for');
  return last;
}
const speak = (level: number | undefined, times: number) => {
  for (let time = 0; time < times; time += 1) {
    now += 50;
    device().listener.onTick(level);
  }
};

beforeEach(() => {
  now = 0;
  devices = [];
  refusal = undefined;
});

afterEach(() => {
  vi.useRealTimers();
});

test('a voice is recorded from the press on, paused, heard and handed over', async () => {
  const recorder = recorderFor('voice');
  await recorder.press();
  expect(phaseOf(recorder)).toBe('running');
  speak(0.5, 20);
  recorder.pause();
  speak(0.9, 100);
  recorder.resume();
  speak(0.25, 20);
  await recorder.stop();
  expect(device().done).toEqual(['begin', 'pause', 'resume', 'finish']);
  const { finished } = recorder.store.getState();
  expect(finished).toMatchObject({ kind: 'voice', mediaType: 'audio/webm', durationMs: 2000 });
  // What was heard in the pause is in neither.
  expect(finished?.waveform).toEqual([...Array(20).fill(100), ...Array(20).fill(50)]);

  const hand = vi.fn();
  await recorder.send(hand);
  expect(hand).toHaveBeenCalledWith(finished);
  expect(phaseOf(recorder)).toBe('idle');
});

test('a video shows itself first and is recorded when one begins', async () => {
  const recorder = recorderFor('video');
  await recorder.press();
  expect([phaseOf(recorder), device().done]).toEqual(['ready', []]);
  expect(recorder.store.getState().stream).toBe(device().stream);
  recorder.begin();
  expect([phaseOf(recorder), device().done]).toEqual(['running', ['begin']]);
});

test('what is thrown away while it waits for its picture is not sent', async () => {
  vi.useFakeTimers();
  const recorder = recorderFor('video');
  await recorder.press();
  recorder.begin();
  await recorder.stop();
  const hand = vi.fn();
  const sent = recorder.send(hand);
  recorder.discard();
  recorder.addPoster(new Blob(['a face']));
  await sent;
  expect([phaseOf(recorder), hand.mock.calls.length]).toEqual(['idle', 0]);
});

test('a video that is sent at once waits for its picture, but not for ever', async () => {
  vi.useFakeTimers();
  const recorder = recorderFor('video');
  const film = async () => {
    await recorder.press();
    recorder.begin();
    await recorder.stop();
  };
  await film();
  const hand = vi.fn();
  const sent = recorder.send(hand);
  await vi.advanceTimersByTimeAsync(100);
  expect([phaseOf(recorder), hand.mock.calls.length]).toEqual(['sending', 0]);
  const poster = new Blob(['a face']);
  recorder.addPoster(poster);
  await sent;
  expect(hand).toHaveBeenCalledWith(expect.objectContaining({ poster }));

  await film();
  const late = recorder.send(hand);
  await vi.advanceTimersByTimeAsync(5000);
  await late;
  expect(hand).toHaveBeenCalledTimes(2);
  expect(hand.mock.lastCall?.[0]).not.toHaveProperty('poster');
});

test('what is sent while it runs is ended first', async () => {
  const recorder = recorderFor('voice');
  await recorder.press();
  speak(0.5, 4);
  const hand = vi.fn();
  await recorder.send(hand);
  expect(hand).toHaveBeenCalledWith(expect.objectContaining({ durationMs: 200 }));
});

test('what could not be handed over stays, to be tried again', async () => {
  const recorder = recorderFor('voice');
  await recorder.press();
  await recorder.stop();
  await recorder.send(() => Promise.reject(new Error('no room')));
  expect(phaseOf(recorder)).toBe('review');
  expect(recorder.store.getState().finished).toBeDefined();
});

test('a device that comes after it was thrown away is given back at once', async () => {
  const recorder = recorderFor('voice');
  const pressed = recorder.press();
  recorder.discard();
  await pressed;
  expect([phaseOf(recorder), device().done]).toEqual(['idle', ['close']]);
});

test('who throws it away gives the microphone back', async () => {
  const recorder = recorderFor('voice');
  await recorder.press();
  recorder.discard();
  expect(device().done).toEqual(['begin', 'close']);
  speak(0.5, 3);
  expect(recorder.store.getState()).toMatchObject({ recording: { phase: 'idle' }, levels: [], ms: 0 });
});

test('a refusal says why, and the next press asks anew', async () => {
  refusal = 'denied';
  const recorder = recorderFor('voice');
  await recorder.press();
  expect(recorder.store.getState().recording).toEqual({ phase: 'refused', why: 'denied' });
  refusal = undefined;
  await recorder.press();
  expect(phaseOf(recorder)).toBe('running');
});

test('it ends by itself when it is as long as it may be', async () => {
  const recorder = recorderFor('video');
  await recorder.press();
  recorder.begin();
  now = LONGEST.video;
  device().listener.onTick(undefined);
  await vi.waitFor(() => expect(phaseOf(recorder)).toBe('review'));
  expect(recorder.store.getState().finished?.durationMs).toBe(LONGEST.video);
});

test('who moves on loses nothing, and is not listened to any longer', async () => {
  const recorder = recorderFor('voice');
  await recorder.press();
  speak(0.5, 10);
  recorder.leave();
  await vi.waitFor(() => expect(phaseOf(recorder)).toBe('review'));
  expect(device().done).toEqual(['begin', 'finish']);
  recorder.leave();
  expect(phaseOf(recorder)).toBe('review');
});

test('a device that is unplugged ends the recording, and what was said is kept', async () => {
  const recorder = recorderFor('voice');
  await recorder.press();
  speak(0.5, 10);
  device().listener.onLost();
  await vi.waitFor(() => expect(phaseOf(recorder)).toBe('review'));
});

test('a camera that goes before one has begun is a failure', async () => {
  const recorder = recorderFor('video');
  await recorder.press();
  device().listener.onLost();
  expect(recorder.store.getState().recording).toEqual({ phase: 'refused', why: 'failed' });
  expect(device().done).toEqual(['close']);
});

test('a recording without a byte is a failure, not a message', async () => {
  const recorder = recorderFor('voice');
  await recorder.press();
  device().blob = new Blob([]);
  await recorder.stop();
  expect(recorder.store.getState()).toMatchObject({
    recording: { phase: 'refused', why: 'failed' },
    finished: undefined,
  });
});

test('a microphone that hears nothing at all is told of, one that cannot be measured is not', async () => {
  const recorder = recorderFor('voice');
  await recorder.press();
  speak(0, 40);
  expect(recorder.store.getState().silent).toBe(false);
  speak(0, 40);
  expect(recorder.store.getState().silent).toBe(true);
  speak(0.2, 1);
  expect(recorder.store.getState().silent).toBe(false);

  const deaf = recorderFor('voice');
  await deaf.press();
  speak(undefined, 100);
  expect(deaf.store.getState()).toMatchObject({ silent: false, ms: 5000, levels: [] });
});

test('a tap leaves it running, the end of a hold ends it', async () => {
  const recorder = recorderFor('voice');
  await recorder.press();
  now += 150;
  recorder.release();
  expect(phaseOf(recorder)).toBe('running');
  now += 2000;
  recorder.release();
  await vi.waitFor(() => expect(phaseOf(recorder)).toBe('review'));
});
