/** The cache on a real implementation of IndexedDB, and on disks that deny, hang or come late. */
import 'fake-indexeddb/auto';
import { IDBFactory, IDBOpenDBRequest } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Message, User } from '../gen/wire';
import { placeOf, type Stretch } from '../state';

const AT = '2026-11-21T12:00:00.000Z';
const user = (id: number): User => ({
  id,
  username: `user${id}`,
  display_name: '',
  bio: '',
  status_text: '',
  is_online: true,
  presence: 'online',
  created_at: AT,
  deactivated: false,
});
const span = (text: string): Stretch => ({ from: 1, to: 1, rows: [{ seq: 1, content: text } as Message] });

/** A page of its own on the same disk. */
async function page() {
  vi.resetModules();
  return (await import('./cache')).cache;
}

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a disk that works', () => {
  test('the next visit finds what was kept', async () => {
    const cache = await page();
    await cache.adopt(user(1), 5);
    await cache.saveTail(7, 5, span('kept'));
    await cache.saveDraft(placeOf(7), { text: 'half a thought' });
    const saved = await (await page()).load();
    expect(saved?.me.id).toBe(1);
    expect(saved?.tails[0]?.span.rows[0]?.content).toBe('kept');
    expect(saved?.drafts).toEqual([{ place: placeOf(7), draft: { text: 'half a thought' } }]);
  });

  test('after a restore of the server nothing of the former history comes back, on no later visit', async () => {
    const cache = await page();
    await cache.adopt(user(1), 5);
    await cache.saveTail(7, 5, span('of the former history'));
    // The first visit after the restore learns the new epoch, and reads another room only.
    await cache.saveAccount(user(1), 6);
    await cache.saveTail(8, 6, span('of this one'));
    const saved = await (await page()).load();
    expect(saved?.tails.map((tail) => tail.room_id)).toEqual([8]);
  });

  test('what another account left goes, what one left oneself stays', async () => {
    const cache = await page();
    await cache.adopt(user(1), 5);
    await cache.saveDraft(placeOf(7), { text: 'mine' });
    await cache.adopt(user(1), 5);
    expect((await cache.load())?.drafts).toHaveLength(1);
    await cache.adopt(user(2), 5);
    expect((await cache.load())?.drafts).toEqual([]);
  });

  test('what has no owner goes, too', async () => {
    const cache = await page();
    await cache.saveDraft(placeOf(7), { text: 'written after the logout' });
    await cache.adopt(user(1), 5);
    expect((await cache.load())?.drafts).toEqual([]);
  });
});

describe('a disk that does not', () => {
  const asked = async () => {
    const cache = await page();
    return Promise.all([
      cache.load(),
      cache.adopt(user(1), 5),
      cache.saveDraft(placeOf(7), { text: 'x' }),
      cache.outbox.remove('x'),
      cache.wipe(),
    ]);
  };
  const nothing = [undefined, undefined, undefined, undefined, undefined];

  test('denied when asked: everything goes on without', async () => {
    vi.stubGlobal('indexedDB', {
      open: () => {
        throw new DOMException('denied', 'SecurityError');
      },
    });
    expect(await asked()).toEqual(nothing);
  });

  test('denied at its very name', async () => {
    vi.unstubAllGlobals();
    const held = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB');
    Object.defineProperty(globalThis, 'indexedDB', {
      configurable: true,
      get: () => {
        throw new DOMException('denied', 'SecurityError');
      },
    });
    expect(await asked()).toEqual(nothing);
    if (held) Object.defineProperty(globalThis, 'indexedDB', held);
    else Reflect.deleteProperty(globalThis, 'indexedDB');
  });

  test('hanging: nobody waits longer than the bound, and only the first one waits at all', async () => {
    vi.useFakeTimers();
    vi.stubGlobal('indexedDB', { open: () => new IDBOpenDBRequest() });
    const cache = await page();
    const first = vi.fn();
    void cache.load().then(first);
    await vi.advanceTimersByTimeAsync(1499);
    expect(first).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(first).toHaveBeenCalledWith(undefined);
    const second = vi.fn();
    void cache.load().then(second);
    await vi.advanceTimersByTimeAsync(0);
    expect(second).toHaveBeenCalledWith(undefined);
  });
});
