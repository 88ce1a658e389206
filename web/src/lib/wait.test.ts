import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Wait } from './wait';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what goes on all the time does not put it off', () => {
  const run = vi.fn();
  const wait = new Wait();
  for (let at = 0; at < 3000; at += 100) {
    wait.start(500, run);
    vi.advanceTimersByTime(100);
  }
  expect(run).toHaveBeenCalledTimes(6);
});

test('what is stopped is not done, and may begin again', () => {
  const run = vi.fn();
  const wait = new Wait();
  wait.start(500, run);
  wait.stop();
  vi.advanceTimersByTime(1000);
  expect(run).not.toHaveBeenCalled();
  wait.start(500, run);
  expect(wait.running).toBe(true);
  vi.advanceTimersByTime(500);
  expect(run).toHaveBeenCalledTimes(1);
  expect(wait.running).toBe(false);
});
