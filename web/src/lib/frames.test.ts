import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { soon } from './frames';

let frames: Map<number, () => void>;

beforeEach(() => {
  vi.useFakeTimers();
  frames = new Map();
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.set(frames.size + 1, run).size);
  vi.stubGlobal('cancelAnimationFrame', (id: number) => frames.delete(id));
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('runs at the next frame, once', () => {
  const run = vi.fn();
  soon(run);
  for (const frame of frames.values()) frame();
  vi.advanceTimersByTime(1000);
  expect(run).toHaveBeenCalledTimes(1);
});

test('runs without one where the page was hidden before the frame came', () => {
  const run = vi.fn();
  soon(run);
  vi.advanceTimersByTime(1000);
  expect(run).toHaveBeenCalledTimes(1);
  expect(frames.size).toBe(0);
});
