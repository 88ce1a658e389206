/** What a browser has kept for the next visit; it is written a moment after it came. */
import assert from 'node:assert/strict';

/** What lies in one of the client's stores, as JSON. */
function kept(client, store, key) {
  return client.page.evaluate(
    ([store, key]) =>
      new Promise((resolve, reject) => {
        const open = indexedDB.open('chinwag');
        open.onerror = () => reject(open.error);
        open.onsuccess = () => {
          const get = open.result.transaction(store).objectStore(store).get(key);
          get.onsuccess = () => {
            open.result.close();
            resolve(JSON.stringify(get.result ?? null));
          };
        };
      }),
    [store, key],
  );
}

/** Everything that lies in this browser's storage, whatever its name. */
export function keptAtAll(client) {
  return client.page.evaluate(async () => {
    const stores = { indexed: [], local: JSON.stringify(localStorage) };
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise((resolve) => {
        const open = indexedDB.open(name);
        open.onsuccess = () => resolve(open.result);
      });
      for (const store of db.objectStoreNames) {
        const all = db.transaction(store).objectStore(store).getAll();
        await new Promise((resolve) => {
          all.onsuccess = resolve;
        });
        stores.indexed.push(...all.result);
      }
      db.close();
    }
    return stores;
  });
}

/** So many files would survive the page, with the addresses of their uploads where `begun`. */
export async function assertFilesKept(client, count, { begun = true } = {}) {
  const { indexed } = await keptAtAll(client);
  assert.equal(indexed.filter((one) => 'content' in one && 'poster' in one).length, count, 'their bytes');
  const uploads = indexed.filter((one) => 'size' in one && (one.address || !begun));
  assert.equal(uploads.length, count, 'their uploads');
}

/** As long as this page is open there is no room for files on this device: something that is nothing takes it all. */
export function fillDisk(client) {
  return client.page.evaluate(
    (size) =>
      new Promise((resolve, reject) => {
        // As if another tab carried it, or it would be looked at and cleared away.
        navigator.locks.request('chinwag.files all', () => new Promise(() => undefined));
        const open = indexedDB.open('chinwag');
        open.onerror = () => reject(open.error);
        open.onsuccess = () => {
          const write = open.result.transaction('uploads', 'readwrite');
          write.objectStore('uploads').put({ id: 'all', place: '0', name: 'all', size });
          write.oncomplete = () => {
            open.result.close();
            resolve();
          };
        };
      }),
    200 * 2 ** 20,
  );
}

export async function assertKept(client, room, text) {
  assert.ok((await kept(client, 'tails', room.id)).includes(text), `"${text}" is not kept yet`);
}

/** The draft of a room; without a text, that there is none. */
export async function assertDraftKept(client, room, text) {
  const draft = await kept(client, 'drafts', `${room.id}`);
  assert.ok(text === undefined ? draft === 'null' : draft.includes(text), `the draft is ${draft}`);
}
