// @vitest-environment node
/** Pages of one browser, one after the other or side by side, on a real implementation of IndexedDB. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Send } from '../state';
import { AT, user } from '../state/samples';
import { BrowserLocks } from './claims.setup';
import type { Depot } from './uploads.setup';

const PIECE = 4 * 2 ** 20;
const forever = new Promise<void>(() => undefined);

let browser: BrowserLocks;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  browser = new BrowserLocks();
});

const sendOf = (id: string, upload: string, change: Partial<Send> = {}): Send => ({
  kind: 'send',
  id,
  room_id: 7,
  user_id: 1,
  content: 'with a file',
  created_at: AT,
  state: 'queued',
  attachments: [{ upload, name: 'f0', size: PIECE + 5 }],
  ...change,
});

/** A page of its own, in front of the server that the former one had. */
async function page({ before, sends = [] as Send[] }: { before?: { depot: Depot }; sends?: Send[] } = {}) {
  vi.resetModules();
  const { KeptUploads } = await import('./kept-uploads');
  const { Claims } = await import('./claims');
  const { Depot, settle } = await import('./uploads.setup');
  const { cache } = await import('./cache');
  const state = await import('../state');
  const changes = await import('../state/upload-changes');
  const tab = browser.tab();
  const depot = new Depot(before?.depot);
  const told = { lost: [] as string[], found: [] as string[], restored: [] as string[] };
  const kept = new KeptUploads({
    claims: new Claims(tab as unknown as LockManager),
    waitingFor: (id) => sends.filter(({ attachments }) => attachments?.some(({ upload }) => upload === id)),
    lost: (id) => told.lost.push(id),
    found: (step) => told.found.push(step),
    restored: ({ id }) => told.restored.push(id),
  });
  state.useSession.setState({ status: 'active' });
  const stop = state.useUploads.subscribe((_, held) => {
    kept.look(held.uploads);
    depot.line.look();
  });
  /** What was asked of the disk is done. */
  const rest = async () => {
    for (let times = 0; times < 8; times += 1) await settle();
  };
  return {
    ...changes,
    ...state,
    cache,
    depot,
    kept,
    told,
    rest,
    uploads: () => state.useUploads.getState().uploads,
    give: async (...sizes: number[]) => {
      const ids = await depot.give(...sizes);
      await rest();
      return ids;
    },
    /** The next page, or another tab, is open. */
    recover: async () => {
      void kept.recover(
        sends.flatMap(({ attachments = [] }) => attachments.flatMap((one) => (one.file ? [] : one.upload))),
      );
      await rest();
    },
    /** The page is gone, without a word. */
    die: () => {
      stop();
      state.useUploads.setState({ uploads: [] });
      tab.close();
    },
  };
}

async function onDisk(): Promise<readonly unknown[]> {
  const db = await openDB('chinwag');
  const left = [...(await db.getAll('uploads')), ...(await db.getAll('files'))];
  db.close();
  return left;
}

test('the next page has what stood in the tray, and takes it on from where the server has it', async () => {
  const first = await page();
  first.depot.refusals = [undefined];
  const [id] = await first.give(3);
  first.depot.hold = forever;
  const [large] = await first.give(PIECE + 5);
  first.depot.kept.set('102', PIECE);
  first.die();
  const second = await page({ before: first });
  await second.recover();
  expect(second.uploads()).toMatchObject([
    { id, place: '7', name: 'f0', state: 'done', kept: true, file: { id: 101 } },
    { id: large, place: '7', state: 'done', file: { id: 102 }, sent: PIECE + 5 },
  ]);
  expect(second.depot.asked).toEqual(['offset 101', 'offset 102', `append 102 ${PIECE}+5`]);
  expect(second.told.restored).toEqual([id, large]);
});

test('what the server has forgotten begins anew from the bytes', async () => {
  const first = await page();
  first.depot.hold = forever;
  await first.give(3);
  first.die();
  first.depot.kept.clear();
  const second = await page({ before: first });
  await second.recover();
  expect(second.depot.asked).toEqual(['offset 101', 'begin f0', 'append 102 0+3']);
});

test('a message that waits has its file again, and it comes to the server for that message', async () => {
  const first = await page();
  first.depot.hold = forever;
  const [id = ''] = await first.give(3);
  first.claimUploads('7', 's');
  await first.rest();
  first.die();
  const second = await page({ before: first, sends: [sendOf('s', id)] });
  await second.recover();
  expect(second.uploads()).toMatchObject([{ id, step: 's', state: 'done' }]);
  expect(second.depot.whole).toEqual([id]);
});

test('a recording keeps its picture, its shape and its length', async () => {
  const first = await page();
  first.depot.hold = forever;
  const poster = new Blob(['png'], { type: 'image/png' });
  const content = new Blob(['abc'], { type: 'video/webm' });
  first.addUploads('7', [{ name: 'v', content, poster, duration: 2, waveform: [1, 2] }]);
  await first.rest();
  first.die();
  const second = await page({ before: first });
  await second.recover();
  expect(second.uploads()).toMatchObject([
    { name: 'v', duration: 2, waveform: [1, 2], content: { type: 'video/webm' } },
  ]);
  expect(second.depot.asked.at(-1)).toBe('poster 101 3');
});

test('what was thrown away, or went with its message, is on the disk no more', async () => {
  const only = await page();
  const [dropped = '', sent = ''] = await only.give(3, 3);
  expect(await onDisk()).toHaveLength(4);
  only.dropUpload(dropped);
  await only.rest();
  expect(await onDisk()).toHaveLength(2);
  only.kept.forget([sent]);
  only.forgetUploads(() => true);
  await only.rest();
  expect(await onDisk()).toEqual([]);
});

test('what the page died over after its message was sent is no file of the next one', async () => {
  const first = await page();
  await first.give(3);
  first.claimUploads('7', 's');
  await first.rest();
  first.die();
  const second = await page({ before: first });
  await second.recover();
  expect(second.uploads()).toEqual([]);
  expect(await onDisk()).toEqual([]);
});

test('what lies on the disk without its bytes, or is of another shape, is cleared away', async () => {
  const first = await page();
  await first.give(3, 3);
  first.die();
  const disk = await openDB('chinwag');
  const [a, b] = await disk.getAllKeys('uploads');
  await disk.delete('files', a ?? '');
  await disk.put('uploads', { id: b });
  disk.close();
  const second = await page({ before: first });
  await second.recover();
  expect(second.uploads()).toEqual([]);
  expect(await onDisk()).toEqual([]);
});

test('a message whose file is nowhere is told so; one whose files are all here again goes on', async () => {
  const first = await page();
  first.depot.hold = forever;
  const [a = '', b = '', c = ''] = await first.give(3, 3, 3);
  first.die();
  const lost = { state: 'failed', error: { code: 'file_lost', message: '' } } as const;
  const with_ = (...uploads: string[]) => ({ attachments: uploads.map((upload) => ({ upload, name: 'f', size: 3 })) });
  const second = await page({
    before: first,
    sends: [
      sendOf('gone', 'of nobody'),
      sendOf('back', a, { ...lost, ...with_(a, b) }),
      sendOf('half', c, { ...lost, ...with_(c, 'nowhere') }),
    ],
  });
  await second.recover();
  expect(second.told).toMatchObject({ lost: ['of nobody', 'nowhere'], found: ['back'] });
});

test('a file that was refused waits for another word, as its message does', async () => {
  const first = await page();
  const [id = ''] = await first.give(3);
  first.claimUploads('7', 's');
  await first.rest();
  first.die();
  const error = { code: 'quota_exceeded', message: 'No room.' };
  const second = await page({ before: first, sends: [sendOf('s', id, { state: 'failed', error })] });
  await second.recover();
  expect(second.uploads()).toMatchObject([{ id, step: 's', state: 'failed', error }]);
  expect(second.depot.asked).toEqual([]);
});

test('what another tab carries is left to it; when that is gone, its messages are taken along and its tray is not', async () => {
  const first = await page();
  first.depot.hold = forever;
  const [id = ''] = await first.give(3);
  first.claimUploads('7', 's');
  const [other] = await first.give(3);
  const patience = new AbortController();
  const bound = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(patience.signal);
  const second = await page({ before: first, sends: [sendOf('s', id)] });
  await second.recover();
  patience.abort();
  await second.rest();
  expect(second.uploads()).toEqual([]);
  expect(second.told.lost).toEqual([]);
  first.die();
  await second.rest();
  expect(second.uploads().map((one) => one.id)).toEqual([id]);
  bound.mockRestore();
  const third = await page({ before: first });
  await third.recover();
  expect(third.uploads().map((one) => one.id)).toEqual([other]);
});

test('beyond its bound a file is not kept, which is told, and goes to the server all the same', async () => {
  const only = await page();
  const { KEPT_BYTES } = await import('./upload-disk');
  const content = new Blob(['abc']);
  Object.defineProperty(content, 'size', { value: KEPT_BYTES - 3 });
  only.depot.hold = forever;
  only.addUploads('7', [
    { name: 'large', content },
    { name: 'fits', content: new Blob(['abc']) },
    { name: 'does not', content: new Blob(['abc']) },
  ]);
  await only.rest();
  expect(only.uploads().map(({ name, kept }) => [name, kept])).toEqual([
    ['large', true],
    ['fits', true],
    ['does not', false],
  ]);
  expect(only.depot.states()).toEqual(['sending', 'sending', 'sending']);
});

test('where storage is denied all goes as if nothing was kept, and nobody is bothered', async () => {
  vi.stubGlobal('indexedDB', {
    open: () => {
      throw new DOMException('denied', 'SecurityError');
    },
  });
  const first = await page();
  const [id = ''] = await first.give(3);
  expect(first.uploads()).toMatchObject([{ id, state: 'done' }]);
  expect(first.uploads()[0]?.kept).toBeUndefined();
  first.die();
  const second = await page({ before: first, sends: [sendOf('s', id)] });
  await second.recover();
  expect(second.uploads()).toEqual([]);
  expect(second.told.lost).toEqual([id]);
});

test('who logs out leaves no file, and what another left is not taken up', async () => {
  const first = await page();
  await first.cache.adopt(user(1), 5);
  await first.give(3);
  await first.cache.wipe();
  expect(await onDisk()).toEqual([]);
  await first.cache.adopt(user(1), 5);
  await first.give(3);
  first.die();
  const second = await page({ before: first });
  await second.cache.adopt(user(2), 5);
  await second.recover();
  expect(second.uploads()).toEqual([]);
  expect(await onDisk()).toEqual([]);
});

test('a page whose session ended meanwhile takes nothing up, and leaves it where it is', async () => {
  const first = await page();
  await first.give(3);
  first.die();
  const second = await page({ before: first });
  second.useSession.setState({ status: 'anonymous' });
  await second.recover();
  expect(second.uploads()).toEqual([]);
  expect(await onDisk()).toHaveLength(2);
});

test('what an older page left on the disk is there beside the files', async () => {
  const former = await openDB('chinwag', 5, {
    upgrade(db) {
      db.createObjectStore('account').put({ me: user(1), epoch: 5 }, 'me');
      db.createObjectStore('rooms');
      db.createObjectStore('drafts', { keyPath: 'place' }).put({ place: '7', draft: { text: 'kept' } });
      db.createObjectStore('tails', { keyPath: 'room_id' }).createIndex('saved_at', 'saved_at');
      db.createObjectStore('steps', { keyPath: 'id' });
    },
  });
  former.close();
  const only = await page();
  await only.give(3);
  expect((await only.cache.load())?.drafts).toHaveLength(1);
  expect(await onDisk()).toHaveLength(2);
});
