/**
 * What survives a reload, in IndexedDB: the room list, the newest messages of recent rooms, drafts, unsent messages, and the places
 * that `upload-disk` has for files and `net/emojis` for the emoji of the place.
 * A convenience, never the truth, and a guest: when the browser refuses storage, or storage never answers, everything still
 * works, only not offline.
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import type { CustomEmoji, Room, User } from '../gen/wire';
import { type Draft, type OwnUpload, type Place, placeOf, type Step, type Stretch } from '../state';

const VERSION = 7;
/** Nobody waits longer than this for the disk. */
const PATIENCE_MS = 1500;
const ROOMS_KEPT = 50;
const MESSAGES_KEPT = 100;

/** The end of a room's log. Its positions mean something only in the epoch they were told in. */
interface Tail {
  readonly room_id: number;
  readonly epoch: number;
  readonly span: Stretch;
  readonly saved_at: number;
}

/** What is known of an upload; its bytes lie beside it, for those are written once. */
export interface SavedUpload
  extends Pick<OwnUpload, 'id' | 'place' | 'step' | 'name' | 'duration' | 'waveform' | 'address'> {
  readonly size: number;
}

export interface SavedBytes extends Pick<OwnUpload, 'id' | 'content' | 'poster'> {}

interface Shape extends DBSchema {
  account: { key: 'me'; value: { me: User; epoch: number | null; own?: number | undefined } };
  rooms: { key: 'all'; value: readonly Room[] };
  tails: { key: number; value: Tail; indexes: { saved_at: number } };
  drafts: { key: Place; value: { place: Place; draft: Draft } };
  steps: { key: string; value: Step };
  uploads: { key: string; value: SavedUpload };
  files: { key: string; value: SavedBytes };
  emojis: { key: 'all'; value: readonly CustomEmoji[] };
}

const STORES = ['account', 'rooms', 'tails', 'drafts', 'steps', 'uploads', 'files', 'emojis'] as const;

let opened: Promise<IDBPDatabase<Shape> | undefined> | undefined;
/** What was asked of the disk and has not been answered in time. */
let overdue = 0;

/** Nothing where storage is denied. */
export function database(): Promise<IDBPDatabase<Shape> | undefined> {
  opened ??= open().catch(() => undefined);
  return opened;
}

async function open(): Promise<IDBPDatabase<Shape> | undefined> {
  // Where storage is denied, some browsers throw at the very name.
  if (typeof indexedDB === 'undefined') return undefined;
  return openDB<Shape>('chinwag', VERSION, {
    async upgrade(db, version, _wanted, write) {
      if (version < 1) {
        db.createObjectStore('account');
        db.createObjectStore('rooms');
      }
      if (version < 3) {
        // Drafts were kept by room before there were other places.
        const kept = version > 0 ? await write.objectStore('drafts').getAll() : [];
        if (version > 0) db.deleteObjectStore('drafts');
        const drafts = db.createObjectStore('drafts', { keyPath: 'place' });
        for (const old of kept) {
          if ('room_id' in old) await drafts.put({ place: placeOf(Number(old.room_id)), draft: old.draft });
        }
      }
      if (version < 4) {
        // Tails of old had no epoch: they cannot be told from those of another history.
        if (version > 0) db.deleteObjectStore('tails');
        db.createObjectStore('tails', { keyPath: 'room_id' }).createIndex('saved_at', 'saved_at');
      }
      if (version < 5) {
        db.createObjectStore('steps', { keyPath: 'id' });
        await joinSteps(db as unknown as IDBPDatabase, write as unknown as Upgrade);
      }
      if (version < 6) {
        db.createObjectStore('uploads', { keyPath: 'id' });
        db.createObjectStore('files', { keyPath: 'id' });
      }
      if (version < 7) db.createObjectStore('emojis');
    },
    // Another tab brings a newer page: it must not wait for this one.
    blocking(_current, _blocked, event) {
      if (event.target instanceof IDBDatabase) event.target.close();
      opened = undefined;
    },
    terminated() {
      opened = undefined;
    },
  });
}

type Upgrade = IDBPTransaction<unknown, string[], 'versionchange'>;

/** Sends and changes were kept in stores of their own before there was one queue: nothing that is unsent there is lost. */
async function joinSteps(db: IDBPDatabase, write: Upgrade): Promise<void> {
  const kept = async (name: string) => (db.objectStoreNames.contains(name) ? write.objectStore(name).getAll() : []);
  const steps = write.objectStore('steps');
  for (const { client_id, ...send } of await kept('outbox')) await steps.put({ ...send, kind: 'send', id: client_id });
  // Which room a message is in was not kept with what was done to it; where the page does not hold it, it waits for itself.
  const tails: Tail[] = await kept('tails');
  for (const change of await kept('changes')) {
    const tail = tails.find(({ span }) => span.rows.some(({ id }) => id === change.message_id));
    await steps.put({ ...change, room_id: tail?.room_id ?? 0 });
  }
  for (const name of ['outbox', 'changes']) if (db.objectStoreNames.contains(name)) db.deleteObjectStore(name);
}

/**
 * Asks the disk for something and waits a bounded time. What is late goes on by itself, so that a slow disk still keeps what it
 * was given, in order; but while anything is overdue nobody waits at all.
 */
async function attempt<T>(work: (db: IDBPDatabase<Shape>) => Promise<T>): Promise<T | undefined> {
  const patience = overdue > 0 ? 0 : PATIENCE_MS;
  // A full or broken store costs the next visit some speed; it must not cost this one anything.
  const asked = database()
    .then((db) => db && work(db))
    .catch(() => undefined);
  return new Promise((answer) => {
    const timer = setTimeout(() => {
      overdue += 1;
      void asked.then(() => {
        overdue -= 1;
      });
      answer(undefined);
    }, patience);
    void asked.then((value) => {
      clearTimeout(timer);
      answer(value);
    });
  });
}

export interface Saved {
  readonly me: User;
  readonly epoch: number | null;
  /** How far one's own log was held; 0 where nobody knows. */
  readonly own: number;
  readonly rooms: readonly Room[];
  /** Those of this epoch. */
  readonly tails: readonly { readonly room_id: number; readonly span: Stretch }[];
  readonly drafts: readonly { readonly place: Place; readonly draft: Draft }[];
  readonly steps: readonly Step[];
}

/** What another build left may be of another shape, and a page that trips over it would trip at each visit. */
function has(value: unknown, wanted: Readonly<Record<string, 'string' | 'number'>>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const held = new Map(Object.entries(value));
  return Object.entries(wanted).every(([name, type]) => typeof held.get(name) === type);
}

const isRoom = (room: unknown) => has(room, { id: 'number', name: 'string', kind: 'string', last_seq: 'number' });
const isRow = (row: unknown) => has(row, { id: 'number', seq: 'number', content: 'string', created_at: 'string' });
const isTail = ({ span }: Tail) =>
  has(span, { from: 'number', to: 'number' }) && Array.isArray(span.rows) && span.rows.every(isRow);
/** Builds that knew no files kept rows without them. */
const withFiles = ({ room_id, span }: Tail) => ({
  room_id,
  span: { ...span, rows: span.rows.map((row) => ({ ...row, attachments: row.attachments ?? [] })) },
});
const isStep = (step: Step) =>
  has(step, { room_id: 'number', created_at: 'string', state: 'string' }) &&
  (step.kind === 'recall' || has(step, { content: 'string' }));

export const cache = {
  load: () =>
    attempt(async (db): Promise<Saved | undefined> => {
      const account = await db.get('account', 'me');
      if (!account || !has(account.me, { id: 'number', username: 'string' })) return undefined;
      const [rooms, tails, drafts, steps] = await Promise.all([
        db.get('rooms', 'all'),
        db.getAll('tails'),
        db.getAll('drafts'),
        db.getAll('steps'),
      ]);
      return {
        ...account,
        own: Number(account.own) || 0,
        rooms: Array.isArray(rooms) ? rooms.filter(isRoom) : [],
        tails: tails.filter((tail) => tail.epoch === account.epoch && isTail(tail)).map(withFiles),
        drafts: drafts.filter(({ draft }) => has(draft, { text: 'string' })),
        steps: steps.filter(isStep),
      };
    }),
  /**
   * From here on this is the account's place; what another one left goes in the same step, and so does what has no owner: a
   * tab that learned of its logout too late wrote it.
   */
  adopt: (me: User, epoch: number | null) =>
    attempt(async (db) => {
      const write = db.transaction(STORES, 'readwrite');
      const held = await write.objectStore('account').get('me');
      const same = held?.me.id === me.id;
      if (!same) await Promise.all(STORES.map((store) => write.objectStore(store).clear()));
      await write.objectStore('account').put({ ...(same && held), me, epoch }, 'me');
      await write.done;
    }),
  saveAccount: (me: User, epoch: number | null, own?: number) =>
    attempt((db) => db.put('account', { me, epoch, own }, 'me')),
  saveRooms: (rooms: readonly Room[]) => attempt((db) => db.put('rooms', rooms, 'all')),
  saveTail: (roomId: number, epoch: number, span: Stretch) =>
    attempt(async (db) => {
      const rows = span.rows.slice(-MESSAGES_KEPT);
      const from = rows.length < span.rows.length ? (rows[0]?.seq ?? span.from) : span.from;
      const write = db.transaction('tails', 'readwrite');
      await write.store.put({ room_id: roomId, epoch, span: { from, to: span.to, rows }, saved_at: Date.now() });
      let extra = (await write.store.count()) - ROOMS_KEPT;
      for (let oldest = await write.store.index('saved_at').openCursor(); oldest && extra > 0; extra -= 1) {
        await oldest.delete();
        oldest = await oldest.continue();
      }
      await write.done;
    }),
  /** What others said in it. One's own words stay until their writer lets them go. */
  forgetRoom: (roomId: number) => attempt((db) => db.delete('tails', roomId)),
  saveDraft: (place: Place, draft: Draft | undefined) =>
    attempt(async (db) => {
      if (draft) await db.put('drafts', { place, draft });
      else await db.delete('drafts', place);
    }),
  /** The storage of the queue. */
  steps: {
    put: async (step: Step) => {
      await attempt((db) => db.put('steps', step));
    },
    remove: async (id: string) => {
      await attempt((db) => db.delete('steps', id));
    },
  },
  /** At logout, and when another person logs in on this device. */
  wipe: () =>
    attempt(async (db) => {
      const write = db.transaction(STORES, 'readwrite');
      await Promise.all(STORES.map((store) => write.objectStore(store).clear()));
      await write.done;
    }),
};
