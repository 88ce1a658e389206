import { afterEach, expect, test, vi } from 'vitest';
import { useChat } from '../state';
import { user } from '../state/samples';
import { acquaint } from './acquaint';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('of many strangers each is asked for once; without a line one is, until something is heard again', async () => {
  vi.useFakeTimers();
  const ids = Array.from({ length: 70 }, (_, at) => at + 1);
  const asked: number[] = [];
  let away = true;
  vi.stubGlobal('fetch', async (address: string) => {
    const id = Number(address.split('/').at(-1));
    asked.push(id);
    if (away) throw new TypeError('away');
    return Response.json({ code: 200, message: 'success', data: user(id, { display_name: `P${id}` }) });
  });
  const members = ids.map((id) => ({
    user: user(id),
    role: 'member' as const,
    joined_at: '',
    presence: 'offline' as const,
  }));
  useChat.setState({ logs: { '7': [] }, members: { 7: members } as never });
  acquaint();
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toEqual([1]);
  away = false;
  useChat.setState({ logs: { '7': [], '8': [] } });
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked.slice(1).toSorted((a, b) => a - b)).toEqual(ids);
});
