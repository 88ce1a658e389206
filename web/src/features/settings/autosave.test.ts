import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useAutosave } from './autosave';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const settle = () => act(() => vi.advanceTimersByTimeAsync(1000));

test('saves once, a moment after the last change', async () => {
  const save = vi.fn(() => Promise.resolve());
  const { result } = renderHook(() => useAutosave<string>(save));
  act(() => result.current.change('a'));
  await act(() => vi.advanceTimersByTimeAsync(500));
  act(() => result.current.change('ab'));
  expect(save).not.toHaveBeenCalled();
  await settle();
  expect(save).toHaveBeenCalledExactlyOnceWith('ab');
  expect(result.current.state).toBe('saved');
});

test('saves at once when the field is left', async () => {
  const save = vi.fn(() => Promise.resolve());
  const { result } = renderHook(() => useAutosave<string>(save));
  act(() => result.current.change('a'));
  await act(async () => result.current.flush());
  expect(save).toHaveBeenCalledExactlyOnceWith('a');
});

test('what is typed during a save is saved after it, in order', async () => {
  let finish: () => void = () => undefined;
  const saved: string[] = [];
  const save = (value: string) => {
    saved.push(value);
    return new Promise<void>((done) => {
      finish = done;
    });
  };
  const { result } = renderHook(() => useAutosave<string>(save));
  act(() => result.current.change('first'));
  await settle();
  act(() => result.current.change('second'));
  await settle();
  expect(saved).toEqual(['first']);
  await act(async () => finish());
  expect(saved).toEqual(['first', 'second']);
});

test('a failure is told, and the next change tries again', async () => {
  const save = vi.fn<(value: string) => Promise<void>>().mockRejectedValueOnce(new Error('no')).mockResolvedValueOnce();
  const { result } = renderHook(() => useAutosave<string>(save));
  act(() => result.current.change('a'));
  await settle();
  expect(result.current.state).toBe('failed');
  act(() => result.current.change('b'));
  await settle();
  expect(result.current.state).toBe('saved');
});

test('leaving the page saves what was waiting', () => {
  const save = vi.fn(() => Promise.resolve());
  const { result, unmount } = renderHook(() => useAutosave<string>(save));
  act(() => result.current.change('last word'));
  unmount();
  expect(save).toHaveBeenCalledExactlyOnceWith('last word');
});
