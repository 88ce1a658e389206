import { afterEach, expect, test, vi } from 'vitest';
import { http } from './http';

const ROOMS = 2300;

afterEach(() => vi.unstubAllGlobals());

test('all of my rooms come, a page at a time', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (address: string) => {
    asked.push(address);
    const offset = Number(new URL(address, 'http://here').searchParams.get('offset') ?? 0);
    const page = Array.from({ length: Math.min(1000, ROOMS - offset) }, (_, i) => ({ id: offset + i }));
    return Promise.resolve(new Response(JSON.stringify({ code: 200, data: page }), { status: 200 }));
  });
  const rooms = await http.rooms();
  expect(rooms.map((room) => room.id)).toEqual(Array.from({ length: ROOMS }, (_, i) => i));
  expect(asked).toEqual(['/api/rooms', '/api/rooms?offset=1000', '/api/rooms?offset=2000']);
});
