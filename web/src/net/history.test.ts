import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Place, placeOf, rowsOf, useChat, useLoads } from '../state';
import { withRoom } from '../state/apply';
import { advance } from '../state/messages';
import { message, room } from '../state/samples';
import { EMPTY_LOADS } from '../state/stores';
import { EMPTY_CHAT } from '../state/world';
import { backToEnd, enterPlace, loadBefore, loadNewest, PAGE, trimAround } from './history';

/** What the page asked before its scripts were there: this module reads it once. */
const early = vi.hoisted(() => {
  const asked = new Map<string, Promise<Response | undefined>>();
  Object.assign(globalThis, { chinwagEarly: asked });
  return asked;
});

const LAST = 1000;

const row = (room_id: number, seq: number) => message(seq, { id: room_id * 10_000 + seq, room_id });

/** Rooms of a thousand messages, and a server that gives their pages. */
beforeEach(() => {
  vi.stubGlobal('fetch', (address: string) => {
    const [, id, query = ''] = /\/api\/rooms\/(\d+)\/messages\?(.*)$/.exec(address) ?? [];
    const before = Number(new URLSearchParams(query).get('before') ?? LAST + 1);
    const rows = Array.from({ length: Math.min(PAGE, before - 1) }, (_, at) => row(Number(id), before - 1 - at));
    return Promise.resolve(Response.json({ code: 200, message: 'success', data: rows.reverse() }));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  useChat.setState(EMPTY_CHAT, true);
  useLoads.setState(EMPTY_LOADS, true);
});

function learn(...ids: number[]): void {
  useChat.setState((chat) => {
    const next = ids.reduce((held, id) => withRoom(held, room(id, { last_seq: LAST })), chat);
    return { ...next, cursors: Object.fromEntries(ids.map((id) => [id, LAST])) };
  }, true);
}

const held = () => Object.values(useChat.getState().messages).reduce((sum, of) => sum + Object.keys(of).length, 0);
const seqs = (place: Place) => {
  const chat = useChat.getState();
  return (chat.logs[place] ?? []).map((span) => rowsOf(chat, place, span).map((one) => one.seq));
};

test('what is held stays flat, however many rooms are looked at', async () => {
  const ids = Array.from({ length: 150 }, (_, index) => index + 1);
  learn(...ids);
  let most = 0;
  for (const id of ids) {
    const leave = enterPlace(placeOf(id));
    await loadNewest(placeOf(id));
    await loadBefore(placeOf(id), 'latest');
    leave();
    if (id === 60) most = held();
  }
  expect(held()).toBeLessThanOrEqual(most);
  expect(seqs(placeOf(150))).toEqual([Array.from({ length: PAGE }, (_, index) => LAST - PAGE + 1 + index)]);
  expect(seqs(placeOf(1))).toEqual([]);
});

const tell = (seq: number) =>
  useChat.setState((chat) => ({ ...advance(chat, 1, seq, row(1, seq)), cursors: { 1: seq } }), true);

test('what is said while a page is on its way is behind it, also for who left meanwhile and came back', async () => {
  learn(1);
  const leave = enterPlace('1');
  const page = loadNewest('1');
  leave();
  const leaveAgain = enterPlace('1');
  const again = loadNewest('1');
  tell(LAST + 1);
  await Promise.all([page, again]);
  expect(seqs('1').at(-1)?.at(-1)).toBe(LAST + 1);
  leaveAgain();
});

test('an answer that does not reach the end is asked for again', async () => {
  learn(1);
  useChat.setState({ epoch: 1 });
  const page = loadNewest('1');
  // A server that was set back: what is on its way means nothing any more.
  useChat.setState({ epoch: 2, logs: {}, messages: {}, cursors: { 1: LAST } });
  await page;
  expect(seqs('1').at(-1)?.at(-1)).toBe(LAST);
});

test('a place that another timeline still shows is not touched by leaving it', async () => {
  learn(1);
  const [leaveOne, leaveOther] = [enterPlace('1'), enterPlace('1')];
  await loadNewest('1');
  await loadBefore('1', 'latest');
  leaveOne();
  expect(held()).toBe(2 * PAGE);
  leaveOther();
  expect(held()).toBe(PAGE);
});

test('who reads far up lets go of the far end, and comes back to it by asking anew', async () => {
  learn(1);
  await loadNewest('1');
  for (let page = 0; page < 9; page += 1) await loadBefore('1', 'latest');
  expect(held()).toBe(10 * PAGE);
  trimAround('1', 'latest', 501, 700);
  expect(seqs('1')).toEqual([Array.from({ length: 200 }, (_, index) => 501 + index)]);
  expect(held()).toBe(200);
  backToEnd('1');
  expect(held()).toBe(0);
  await loadNewest('1');
  expect(seqs('1')[0]?.at(-1)).toBe(LAST);
});

test.each([
  ['reaches the end of the room, and is taken', LAST, 0],
  ['lacks what came before the rooms were answered, and is asked for again', LAST - 2, 1],
])('a page that was asked for before the scripts were there %s', async (_, end, calls) => {
  const asked = vi.spyOn(globalThis, 'fetch');
  learn(1);
  const rows = Array.from({ length: PAGE }, (_, at) => row(1, end - PAGE + 1 + at));
  early.set(
    `/api/rooms/1/messages?limit=${PAGE}`,
    Promise.resolve(Response.json({ code: 200, message: '', data: rows })),
  );
  await loadNewest('1');
  expect(seqs('1')).toEqual([Array.from({ length: PAGE }, (_, index) => LAST - PAGE + 1 + index)]);
  expect(asked).toHaveBeenCalledTimes(calls);
});
