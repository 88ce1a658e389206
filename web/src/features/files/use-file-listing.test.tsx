import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FrameOf } from '../../gen/wire';
import { useConnection, useNews } from '../../state';
import { useFileListing } from './use-file-listing';

/** What was asked for, each waiting for its answer. */
let asked: { url: string; signal: AbortSignal; answer(data: unknown, status?: number): void }[] = [];

beforeEach(() => {
  asked = [];
  vi.stubGlobal('fetch', (url: string, { signal }: RequestInit) => {
    return new Promise<Response>((resolve, reject) => {
      if (!signal) throw new Error('nothing is asked for without an end');
      signal.addEventListener('abort', () => reject(signal.reason));
      const answer = (data: unknown, status = 200) => resolve(Response.json({ code: status, data }, { status }));
      asked.push({ url, signal, answer });
    });
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const file = (message_id: number, file_name = 'a.png') => ({
  id: message_id * 10,
  message_id,
  room_id: 7,
  seq: message_id,
  file_name,
  category: 'image',
  thumbs: [],
  waveform: [],
  created_at: '',
});
const told = (id: number, room_id = 7, file_name = 'a.png') =>
  act(() =>
    useNews.setState({
      frame: {
        type: 'text',
        room_id,
        message_id: id,
        seq: id,
        user_id: 1,
        username: 'maya',
        content: '',
        timestamp: '',
        attachments: [{ ...file(id, file_name) }],
      } as unknown as FrameOf<'text'>,
    }),
  );
const look = (words = '') => renderHook((props) => useFileListing(props), { initialProps: { roomId: 7, words } });
const ids = (view: ReturnType<typeof look>) => view.result.current.listing.rows.map(({ message_id }) => message_id);
const calls = (count: number) => waitFor(() => expect(asked).toHaveLength(count));

test('pages are asked for one after the other until the end', async () => {
  const view = look();
  await calls(1);
  view.result.current.more();
  expect(asked).toHaveLength(1);
  asked[0]?.answer({ files: [file(9)], next: { before_message: 9, before: 90 } });
  await waitFor(() => expect(view.result.current.phase).toBe('ready'));
  act(() => view.result.current.more());
  await calls(2);
  expect(asked.map(({ url }) => url)).toEqual([
    '/api/rooms/7/files?limit=50',
    '/api/rooms/7/files?limit=50&before_message=9&before=90',
  ]);
  asked[1]?.answer({ files: [file(5)] });
  await waitFor(() => expect(ids(view)).toEqual([9, 5]));
  act(() => view.result.current.more());
  expect(asked).toHaveLength(2);
});

test('who types on ends what was asked for before, and sees what is known meanwhile', async () => {
  const view = look();
  await calls(1);
  asked[0]?.answer({ files: [file(9, 'lake.png'), file(8, 'hill.png')] });
  await waitFor(() => expect(ids(view)).toEqual([9, 8]));
  view.rerender({ roomId: 7, words: 'l' });
  expect(ids(view)).toEqual([9, 8]);
  await calls(2);
  view.rerender({ roomId: 7, words: 'la' });
  expect(asked[1]?.signal.aborted).toBe(true);
  expect(ids(view)).toEqual([9]);
  await calls(3);
  expect(asked[2]?.url).toContain('query=la');
  view.unmount();
  expect(asked[2]?.signal.aborted).toBe(true);
});

test('what is told of the room stands first, also before the first answer; of other rooms nothing does', async () => {
  const view = look();
  told(12);
  told(13, 8);
  await calls(1);
  asked[0]?.answer({ files: [file(9)] });
  await waitFor(() => expect(ids(view)).toEqual([12, 9]));
  told(14);
  expect(ids(view)).toEqual([14, 12, 9]);
  const frame = { type: 'recall', room_id: 7, message_id: 12, seq: 15, user_id: 1, timestamp: '' };
  act(() => useNews.setState({ frame: frame as FrameOf<'recall'> }));
  expect(ids(view)).toEqual([14, 9]);
});

test('a page that did not come is said, and asked for again where it was', async () => {
  const view = look();
  await calls(1);
  asked[0]?.answer({}, 503);
  await waitFor(() => expect(view.result.current.phase).toBe('failed'));
  act(() => view.result.current.more());
  await calls(2);
  asked[1]?.answer({ files: [file(9)] });
  await waitFor(() => expect(ids(view)).toEqual([9]));
});

test('after the line was down it looks what came and went', async () => {
  const view = look();
  await calls(1);
  asked[0]?.answer({ files: [file(9), file(8)], next: { before_message: 8, before: 80 } });
  await waitFor(() => expect(ids(view)).toEqual([9, 8]));
  act(() => useConnection.setState({ downSince: 1 }));
  act(() => useConnection.setState({ downSince: null }));
  await calls(2);
  asked[1]?.answer({ files: [file(10), file(8)], next: { before_message: 8, before: 80 } });
  await waitFor(() => expect(ids(view)).toEqual([10, 8]));
});
