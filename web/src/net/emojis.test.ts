/** Asked of a server that answers as told, kept on a real implementation of IndexedDB. Time passes when a test says so. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CustomEmoji } from '../gen/wire';
import { AT, user } from '../state/samples';

const emoji = (id: number, name: string): CustomEmoji => ({
  id,
  name,
  url: `/api/avatars/${id}`,
  created_by: 2,
  created_at: AT,
});

const WELCOME = {
  type: 'welcome' as const,
  user_id: 1,
  username: 'me',
  session: 's',
  epoch: 1,
  heartbeat_ms: 25_000,
  pong_timeout_ms: 10_000,
  build: '',
};

let asked: string[] = [];
let answer: () => Response | Promise<Response>;

/** A page of its own for each test: what was asked before belongs to the page. */
async function page() {
  vi.resetModules();
  const [{ needEmojis, addEmoji, deleteEmoji }, { useEmojis }, { useNews, useSession }] = await Promise.all([
    import('./emojis'),
    import('../state/emojis'),
    import('../state'),
  ]);
  useSession.setState({ status: 'active', me: user(1) });
  return {
    need: needEmojis,
    add: addEmoji,
    remove: deleteEmoji,
    tell: (version: number) => useNews.setState({ frame: { type: 'emojis_changed', version } }),
    welcome: (emojis_version: number) => useNews.setState({ frame: { ...WELCOME, emojis_version } }),
    names: () => useEmojis.getState().list.map(({ name }) => name),
    leave: () => useSession.setState({ status: 'anonymous', me: null }),
  };
}
const lists = (version: number, ...emojis: CustomEmoji[]) => {
  answer = () => Response.json({ data: { version, emojis } });
};
/** Long enough for whatever waits, and not for another try. */
const settled = () => vi.advanceTimersByTimeAsync(5_000);

beforeEach(() => {
  asked = [];
  // The disk has timers of its own.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('fetch', async (address: string) => {
    asked.push(address);
    return answer();
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('the list is asked for once, when it is first needed, and is in the order of its names', async () => {
  lists(2, emoji(1, 'yes'), emoji(2, 'no'));
  const here = await page();
  expect(asked).toEqual([]);
  await Promise.all([here.need(), here.need()]);
  await here.need();
  expect(asked).toEqual(['/api/emojis']);
  expect(here.names()).toEqual(['no', 'yes']);
});

test('another version is asked for, and the same one is not', async () => {
  lists(1, emoji(1, 'yes'));
  const here = await page();
  await here.need();
  here.tell(1);
  await settled();
  expect(asked).toHaveLength(1);
  lists(2, emoji(1, 'yes'), emoji(2, 'new'));
  here.tell(2);
  await settled();
  expect(here.names()).toEqual(['new', 'yes']);
  expect(asked).toHaveLength(2);
});

test('a page that shows none asks for none, whatever is told', async () => {
  const here = await page();
  here.tell(2);
  await settled();
  expect(asked).toEqual([]);
});

test('a new line names the version; a server that has just started knows none for a moment', async () => {
  lists(3, emoji(1, 'yes'));
  const here = await page();
  await here.need();
  here.welcome(3);
  here.welcome(0);
  await settled();
  expect(asked).toHaveLength(1);
  lists(4, emoji(2, 'no'));
  here.welcome(4);
  await vi.waitFor(() => expect(here.names()).toEqual(['no']));
});

test('an answer that is older than what was told is not asked for without end', async () => {
  lists(6, emoji(1, 'yes'));
  const here = await page();
  await here.need();
  here.tell(7);
  await settled();
  here.tell(7);
  await settled();
  expect(asked).toHaveLength(2);
});

test('what changes while the answer is on its way is asked for after it', async () => {
  let go: () => void = () => undefined;
  answer = () =>
    new Promise((done) => {
      go = () => done(Response.json({ data: { version: 1, emojis: [emoji(1, 'yes')] } }));
    });
  const here = await page();
  const first = here.need();
  await settled();
  here.tell(2);
  lists(2, emoji(2, 'new'));
  go();
  await first;
  await settled();
  expect(here.names()).toEqual(['new']);
  expect(asked).toHaveLength(2);
});

test('what did not come is asked for again after a while, but not by who has left', async () => {
  answer = () => Promise.reject(new TypeError('away'));
  const here = await page();
  await here.need();
  expect(here.names()).toEqual([]);
  lists(1, emoji(1, 'yes'));
  await vi.advanceTimersByTimeAsync(29_000);
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(here.names()).toEqual(['yes']);
  here.leave();
  here.tell(2);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(2);
});

test('one that was deleted here is gone at once', async () => {
  lists(2, emoji(1, 'yes'), emoji(2, 'no'));
  const here = await page();
  await here.need();
  answer = () => Response.json({ data: null });
  await here.remove(2);
  expect(asked.at(-1)).toBe('/api/emojis/2');
  expect(here.names()).toEqual(['yes']);
});

test('of changes without end a page hears the last one, and asks every three seconds at most', async () => {
  lists(1, emoji(1, 'yes'));
  const here = await page();
  await here.need();
  for (let version = 2; version < 62; version += 1) {
    lists(version, emoji(version, `e${version}`));
    here.tell(version);
    await vi.advanceTimersByTimeAsync(500);
  }
  await settled();
  expect(here.names()).toEqual(['e61']);
  expect(asked.length).toBeLessThanOrEqual(12);
});

test('after a calm not all pages ask at the same moment', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.7);
  lists(1, emoji(1, 'yes'));
  const here = await page();
  await here.need();
  await settled();
  here.tell(2);
  await vi.advanceTimersByTimeAsync(690);
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(20);
  expect(asked).toHaveLength(2);
});

test('the next visit begins with those of the last one, until the server has answered', async () => {
  lists(1, emoji(1, 'yes'));
  await (await page()).need();
  await settled();
  answer = () => Promise.reject(new TypeError('away'));
  const here = await page();
  void here.need();
  await vi.waitFor(() => expect(here.names()).toEqual(['yes']));
  lists(2, emoji(2, 'new'));
  here.welcome(2);
  await settled();
  expect(here.names()).toEqual(['new']);
});

test('who has left leaves none on the disk', async () => {
  lists(1, emoji(1, 'yes'));
  const before = await page();
  await before.need();
  await settled();
  await (await import('./cache')).cache.wipe();
  answer = () => Promise.reject(new TypeError('away'));
  const here = await page();
  void here.need();
  await settled();
  expect(here.names()).toEqual([]);
});
