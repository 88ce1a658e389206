import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openCapture } from './capture';

/** What the browser makes files with, of which the last one made is held. */
class Scribe extends EventTarget {
  static last: Scribe | undefined;
  static isTypeSupported = () => true;
  state = 'inactive';
  readonly mimeType = 'audio/webm';
  constructor() {
    super();
    Scribe.last = this;
  }
  start() {
    this.state = 'recording';
  }
  stop() {}
}

const track = Object.assign(new EventTarget(), { stop: vi.fn() });

beforeEach(() => {
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('MediaRecorder', Scribe);
  const stream = { getTracks: () => [track] };
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: async () => stream } });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('what gives up recording says so, as a device that is taken away does', async () => {
  const listener = { onTick: vi.fn(), onLost: vi.fn() };
  const capture = await openCapture('voice', listener);
  capture.begin();
  Scribe.last?.dispatchEvent(new Event('error'));
  expect(listener.onLost).toHaveBeenCalledTimes(1);
  track.dispatchEvent(new Event('ended'));
  expect(listener.onLost).toHaveBeenCalledTimes(2);
  capture.close();
});

test('who never says that it stopped is not waited for, and what came is there', async () => {
  vi.useFakeTimers();
  const capture = await openCapture('voice', { onTick: vi.fn(), onLost: vi.fn() });
  capture.begin();
  Scribe.last?.dispatchEvent(Object.assign(new Event('dataavailable'), { data: new Blob(['words']) }));
  const finished = capture.finish();
  await vi.advanceTimersByTimeAsync(5000);
  expect((await finished).size).toBe(5);
  expect(track.stop).toHaveBeenCalled();
});
