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

export async function assertKept(client, room, text) {
  assert.ok((await kept(client, 'tails', room.id)).includes(text), `"${text}" is not kept yet`);
}

/** The draft of a room; without a text, that there is none. */
export async function assertDraftKept(client, room, text) {
  const draft = await kept(client, 'drafts', `${room.id}`);
  assert.ok(text === undefined ? draft === 'null' : draft.includes(text), `the draft is ${draft}`);
}
