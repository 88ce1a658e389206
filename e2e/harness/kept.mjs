/** What a browser has kept of a room for the next visit; it is written a moment after it came. */
import assert from 'node:assert/strict';

export async function assertKept(client, room, text) {
  const kept = await client.page.evaluate(
    (id) =>
      new Promise((resolve, reject) => {
        const open = indexedDB.open('chinwag');
        open.onerror = () => reject(open.error);
        open.onsuccess = () => {
          const get = open.result.transaction('tails').objectStore('tails').get(id);
          get.onsuccess = () => {
            open.result.close();
            resolve(JSON.stringify(get.result ?? null));
          };
        };
      }),
    room.id,
  );
  assert.ok(kept.includes(text), `"${text}" is not kept yet`);
}
