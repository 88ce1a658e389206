/** The cache on a real implementation of IndexedDB, and on disks that deny, hang or come late. */
import 'fake-indexeddb/auto';
import { IDBFactory, IDBOpenDBRequest } from 'fake-indexeddb';
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { placeOf, type Stretch } from '../state';
import { AT, message, user } from '../state/samples';

const span = (text: string): Stretch => ({ from: 1, to: 1, rows: [message(1, { content: text })] });

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

  test('how far my own log is held is kept with its epoch, and is nothing where nobody knows', async () => {
    const cache = await page();
    await cache.adopt(user(1), 5);
    await cache.saveAccount(user(1), 5, 12);
    await cache.adopt(user(1), 5);
    expect(await (await page()).load()).toMatchObject({ epoch: 5, own: 12 });
    await cache.saveAccount(user(1), 6);
    expect(await (await page()).load()).toMatchObject({ epoch: 6, own: 0 });
    const disk = await openDB('chinwag');
    await disk.put('account', { me: user(1), epoch: 5 }, 'me');
    disk.close();
    expect(await (await page()).load()).toMatchObject({ epoch: 5, own: 0 });
    await cache.saveAccount(user(1), 5, 12);
    await cache.adopt(user(2), 5);
    expect(await (await page()).load()).toMatchObject({ me: { id: 2 }, own: 0 });
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

  test('what is of another shape is let go of, and what lies beside it is not', async () => {
    const cache = await page();
    await cache.adopt(user(1), 5);
    await cache.saveTail(7, 5, span('kept'));
    await cache.saveDraft(placeOf(7), { text: 'half a thought' });
    const disk = await openDB('chinwag');
    const room = { id: 7, name: 'Seven', kind: 'room', last_seq: 1 };
    await disk.put('rooms', [null, 5, { id: 8 }, room], 'all');
    await disk.put('tails', { room_id: 8, epoch: 5, span: null, saved_at: 1 });
    await disk.put('tails', { room_id: 9, epoch: 5, span: { from: 1, to: 1, rows: [{ seq: 1 }] }, saved_at: 1 });
    await disk.put('drafts', { place: '8', draft: { text: 5 } });
    await disk.put('drafts', { place: '9' });
    await disk.put('steps', { id: 'nothing' });
    await disk.put('steps', { id: 'no words', kind: 'edit', room_id: 7, created_at: AT, state: 'queued' });
    disk.close();
    const saved = await (await page()).load();
    expect(saved?.rooms).toEqual([room]);
    expect(saved?.tails.map((tail) => tail.room_id)).toEqual([7]);
    expect(saved?.drafts).toEqual([{ place: placeOf(7), draft: { text: 'half a thought' } }]);
    expect(saved?.steps).toEqual([]);
    const emptied = await openDB('chinwag');
    await emptied.put('rooms', 5, 'all');
    expect((await (await page()).load())?.rooms).toEqual([]);
    await emptied.put('account', { epoch: 5 }, 'me');
    emptied.close();
    expect(await (await page()).load()).toBeUndefined();
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

describe('what an older page left', () => {
  const old = { created_at: AT, user_id: 1, state: 'queued' } as const;
  const failed = { state: 'failed', error: { code: 'forbidden', message: 'No.' } } as const;

  /** As the builds before kept sends and changes, each in a store of its own. */
  async function left(version: number) {
    const db = await openDB('chinwag', version, {
      upgrade(db) {
        db.createObjectStore('account').put({ me: user(1), epoch: 5 }, 'me');
        db.createObjectStore('rooms');
        db.createObjectStore('drafts', { keyPath: version < 3 ? 'room_id' : 'place' });
        const tails = db.createObjectStore('tails', { keyPath: 'room_id' });
        tails.createIndex('saved_at', 'saved_at');
        const rows = [{ id: 40, seq: 1, content: 'kept' }];
        tails.put({ room_id: 7, epoch: 5, span: { from: 1, to: 1, rows }, saved_at: 1 });
        const outbox = db.createObjectStore('outbox', { keyPath: 'client_id' });
        outbox.put({ ...old, client_id: 'a', room_id: 7, content: 'unsent', sent_after: 3 });
        outbox.put({ ...old, ...failed, client_id: 'b', room_id: 8, thread: 9, content: 'refused' });
        const changes = db.createObjectStore('changes', { keyPath: 'id' });
        changes.put({ ...old, id: 'c', message_id: 40, kind: 'edit', content: 'changed' });
        changes.put({ ...old, ...failed, id: 'd', message_id: 41, kind: 'recall', content: '' });
      },
    });
    db.close();
  }

  test('is all in the one queue, with everything it knew', async () => {
    await left(4);
    const steps = (await (await page()).load())?.steps;
    expect(steps).toEqual([
      { ...old, kind: 'send', id: 'a', room_id: 7, content: 'unsent', sent_after: 3 },
      { ...old, ...failed, kind: 'send', id: 'b', room_id: 8, thread: 9, content: 'refused' },
      { ...old, kind: 'edit', id: 'c', room_id: 7, message_id: 40, content: 'changed' },
      { ...old, ...failed, kind: 'recall', id: 'd', room_id: 0, message_id: 41, content: '' },
    ]);
  });

  test('comes from the oldest build that had both, too', async () => {
    await left(2);
    const steps = (await (await page()).load())?.steps;
    expect(steps?.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is taken by the next visit after the first one, and no second time', async () => {
    await left(4);
    const cache = await page();
    await cache.load();
    await cache.steps.remove('a');
    expect((await (await page()).load())?.steps.map(({ id }) => id)).toEqual(['b', 'c', 'd']);
  });
});

describe('a disk that does not', () => {
  const asked = async () => {
    const cache = await page();
    return Promise.all([
      cache.load(),
      cache.adopt(user(1), 5),
      cache.saveDraft(placeOf(7), { text: 'x' }),
      cache.steps.remove('x'),
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
