import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followCalendar, lookAtCalendar, useToday } from './today';

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 21, 23, 59, 0) }));
afterEach(() => void vi.useRealTimers());

test('the day turns soon after midnight', () => {
  lookAtCalendar();
  const stop = followCalendar();
  expect(useToday.getState().day).toBe('2026-11-21');
  vi.advanceTimersByTime(90_000);
  expect(useToday.getState().day).toBe('2026-11-22');
  stop();
});

test('a laptop that slept for days finds out when it is opened', () => {
  lookAtCalendar();
  vi.setSystemTime(new Date(2026, 10, 24, 9, 0, 0));
  lookAtCalendar();
  expect(useToday.getState().day).toBe('2026-11-24');
});
