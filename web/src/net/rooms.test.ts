import { afterEach, expect, test, vi } from 'vitest';
import { createRoom } from './rooms';

afterEach(() => vi.unstubAllGlobals());

test('a room whose answer was lost is asked for under the same id, another room under another', async () => {
  const asked: { name: string; client_id: string }[] = [];
  let up = false;
  vi.stubGlobal('fetch', (_: string, { body }: { body: string }) => {
    asked.push(JSON.parse(body));
    if (!up) return Promise.reject(new TypeError('no network'));
    return Promise.resolve(
      Response.json({ data: { id: asked.length, kind: 'room', name: 'x', peers: [], last_seq: 1 } }),
    );
  });
  await createRoom({ name: 'Tea' }).catch(() => undefined);
  up = true;
  await createRoom({ name: 'Tea' });
  await createRoom({ name: 'Tea' });
  await createRoom({ name: 'Cake' });
  const ids = asked.map((body) => body.client_id);
  expect(ids[0]).toBeTruthy();
  expect(ids[1]).toBe(ids[0]);
  expect(new Set(ids.slice(1)).size).toBe(3);
});
