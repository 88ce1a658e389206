import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DRAWN, drawnAt, drawnUrl } from '../lib/avatars';
import { useChat, useSession } from '../state';
import { room, user } from '../state/samples';
import { pickAvatar, removeAvatar } from './avatars';

let asked: [string, string, unknown][] = [];

beforeEach(() => {
  asked = [];
  useSession.setState({ me: user(1, { email: 'mine@example.com' }) });
  useChat.setState({ users: { 1: user(1), 2: user(2) }, rooms: { 7: room(7, { unread: 3 }) } });
});
afterEach(() => vi.unstubAllGlobals());

function answer(data: unknown) {
  vi.stubGlobal('fetch', async (address: string, { method, body }: RequestInit) => {
    asked.push([`${method}`, address, body && JSON.parse(`${body}`)]);
    return Response.json({ code: 200, message: 'success', data });
  });
}

test('my picture is the new one on my page at once, and I keep what only I know of me', async () => {
  answer(user(1, { avatar_url: '/avatars/fox.svg' }));
  await pickAvatar({ kind: 'user', id: 1 }, 'fox');
  expect(asked).toEqual([['PUT', '/api/users/1/avatar', { drawn: 'fox' }]]);
  expect(useSession.getState().me).toMatchObject({ avatar_url: '/avatars/fox.svg', email: 'mine@example.com' });
  expect(useChat.getState().users[1]?.avatar_url).toBe('/avatars/fox.svg');
});

test('what is done for another person does not become mine', async () => {
  answer(user(2, { avatar_url: '/avatars/owl.svg' }));
  await pickAvatar({ kind: 'user', id: 2 }, 'owl');
  expect(useSession.getState().me?.id).toBe(1);
  expect(useChat.getState().users[2]?.avatar_url).toBe('/avatars/owl.svg');
});

test('of a room only the picture is taken from the answer: what else it tells has its place in the log', async () => {
  answer(room(7, { avatar_url: '/avatars/bee.svg', unread: 0, last_seq: 99 }));
  await pickAvatar({ kind: 'room', id: 7 }, 'bee');
  expect(useChat.getState().rooms[7]).toMatchObject({ avatar_url: '/avatars/bee.svg', unread: 3, last_seq: 10 });
  answer(room(7, { avatar_url: '' }));
  await removeAvatar({ kind: 'room', id: 7 });
  expect(asked.at(-1)?.slice(0, 2)).toEqual(['DELETE', '/api/rooms/7/avatar']);
  expect(useChat.getState().rooms[7]?.avatar_url).toBe('');
});

test('each drawn picture is known by its address, and nothing else is', () => {
  expect(new Set(DRAWN.map(drawnUrl)).size).toBe(16);
  for (const name of DRAWN) expect(drawnAt(drawnUrl(name))).toBe(name);
  expect([drawnAt(''), drawnAt(undefined), drawnAt('/api/avatars/0123')]).toEqual([undefined, undefined, undefined]);
});
