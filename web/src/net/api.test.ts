import { afterEach, expect, test, vi } from 'vitest';
import { ApiError, actAs, call, onOtherAccount, onUnauthorized } from './api';

afterEach(() => vi.unstubAllGlobals());

/** The server answers this; what it was asked is given back. */
function answering(status: number, body: string, headers: Record<string, string> = {}) {
  const fetched = vi.fn((_address: string, _init: RequestInit) =>
    Promise.resolve(new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } })),
  );
  vi.stubGlobal('fetch', fetched);
  return () => {
    const [address, init] = fetched.mock.calls[0] ?? [];
    return { address, method: init?.method, body: init?.body };
  };
}

const refused = (asked: Promise<unknown>) =>
  asked.then(
    () => expect.fail('it was refused'),
    (error: unknown) => {
      if (error instanceof ApiError) return error;
      throw error;
    },
  );

test('places and queries go into the address, what is left out does not', async () => {
  const asked = answering(200, '{"data":[]}');
  const rows = await call('get', '/api/rooms/{id}/messages', {
    path: { id: 7 },
    query: { limit: 50, before: undefined },
  });
  expect(rows).toEqual([]);
  expect(asked()).toEqual({ address: '/api/rooms/7/messages?limit=50', method: 'GET', body: undefined });
});

test('a body goes as JSON, and the envelope is opened', async () => {
  const asked = answering(200, '{"data":{"id":1}}');
  expect(await call('put', '/api/messages/{id}', { path: { id: 1 }, body: { content: 'å' } })).toEqual({ id: 1 });
  expect(asked()).toEqual({ address: '/api/messages/1', method: 'PUT', body: '{"content":"å"}' });
});

test('a refusal keeps the word, the sentence, the fields and the pause', async () => {
  answering(422, '{"reason":"validation_failed","message":"no","details":{"fields":{"username":["taken"]}}}', {
    'retry-after': '3',
  });
  const error = await refused(call('get', '/api/rooms'));
  expect(error).toMatchObject({ status: 422, code: 'validation_failed', message: 'no', retryAfterMs: 3000 });
  expect(error.fields).toEqual({ username: ['taken'] });
});

test('what stands in front of the server may refuse in its own words', async () => {
  answering(502, '<html>Bad Gateway</html>', { 'content-type': 'text/html' });
  const error = await refused(call('get', '/api/rooms'));
  expect(error).toMatchObject({ status: 502, code: 'http_502', unreachable: true });
});

test('a good answer that is none of the server counts as no server', async () => {
  answering(200, '<html>Log in to the hotel</html>', { 'content-type': 'text/html' });
  expect(await refused(call('get', '/api/rooms'))).toMatchObject({ status: 0, unreachable: true });
});

test('who is in charge of the session hears when it is over', async () => {
  const heard = vi.fn();
  onUnauthorized(heard);
  answering(401, '{"reason":"session_ended","message":"over"}');
  await refused(call('get', '/api/auth/userinfo'));
  answering(401, '{"reason":"wrong_password","message":"no"}');
  await refused(call('get', '/api/auth/userinfo'));
  expect(heard).toHaveBeenCalledTimes(1);
});

test('every call says whose page it comes from, and a cookie that is another account’s is told of', async () => {
  const heard = vi.fn();
  onOtherAccount(heard);
  actAs(7);
  const fetched = vi.fn((_address: string, _init: RequestInit) =>
    Promise.resolve(
      new Response('{"reason":"other_account","message":"no"}', {
        status: 409,
        headers: { 'content-type': 'application/json' },
      }),
    ),
  );
  vi.stubGlobal('fetch', fetched);
  await refused(call('get', '/api/rooms'));
  actAs(undefined);
  expect(fetched.mock.calls[0]?.[1].headers).toEqual({ 'x-chinwag-user': '7' });
  expect(heard).toHaveBeenCalledTimes(1);
});
