/**
 * The files of this page on the disk, for the page after it. Bounded, and a guest like all that is kept there: where storage is
 * denied nothing is kept, and nobody is bothered. Which file is whose to carry is not decided here.
 */
import type { OwnUpload } from '../state';
import { database, type SavedBytes, type SavedUpload } from './cache';

/** All of them together: what has no room lives as long as its page. */
export const KEPT_BYTES = 200 * 2 ** 20;

const STORES = ['uploads', 'files'] as const;
type Disk = NonNullable<Awaited<ReturnType<typeof database>>>;

/** Nobody on the page waits for this, so it may take its time; a disk that fails is one that has nothing. */
async function attempt<T>(work: (db: Disk) => Promise<T>): Promise<T | undefined> {
  try {
    const db = await database();
    return db && (await work(db));
  } catch {
    return undefined;
  }
}

export interface Left {
  readonly upload: SavedUpload;
  readonly bytes: SavedBytes;
  /** Its send is on the disk no more: it was sent, or thrown away. */
  readonly isOver: boolean;
}

export const uploadDisk = {
  /** False: there is no room for it. */
  keep: ({ id, place, step, name, duration, waveform, address, content, poster }: OwnUpload) =>
    attempt(async (db) => {
      const size = content.size + (poster?.size ?? 0);
      const write = db.transaction(STORES, 'readwrite');
      const held = await write.objectStore('uploads').getAll();
      if (held.reduce((sum, one) => sum + one.size, size) > KEPT_BYTES) return false;
      try {
        await Promise.all([
          write.objectStore('uploads').put({ id, place, step, name, duration, waveform, address, size }),
          write.objectStore('files').put({ id, content, poster }),
          write.done,
        ]);
        return true;
      } catch (cause) {
        return cause instanceof DOMException && cause.name === 'QuotaExceededError' ? false : undefined;
      }
    }),
  /** How one that is kept stands now. */
  note: ({ id, place, step, address }: OwnUpload) =>
    attempt(async (db) => {
      const write = db.transaction('uploads', 'readwrite');
      const held = await write.store.get(id);
      if (held) await write.store.put({ ...held, place, step, address });
      await write.done;
    }),
  remove: (id: string) =>
    attempt(async (db) => {
      const write = db.transaction(STORES, 'readwrite');
      await Promise.all([...STORES.map((store) => write.objectStore(store).delete(id)), write.done]);
    }),
  /** What there is, in the order it came. */
  list: async () => (await attempt((db) => db.getAllKeys('uploads'))) ?? [],
  /** Null where it is not there, or not whole. */
  find: (id: string) =>
    attempt(async (db): Promise<Left | null> => {
      const read = db.transaction([...STORES, 'steps']);
      const [upload, bytes] = await Promise.all([
        read.objectStore('uploads').get(id),
        read.objectStore('files').get(id),
      ]);
      // What another build left may be of another shape.
      if (typeof upload?.name !== 'string' || !(bytes?.content instanceof Blob)) return null;
      const isOver = upload.step !== undefined && !(await read.objectStore('steps').getKey(upload.step));
      return { upload, bytes, isOver };
    }),
};
