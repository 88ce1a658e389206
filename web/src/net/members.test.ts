import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EMPTY_CHAT, EMPTY_LOADS, useChat, useLoads } from '../state';
import * as samples from '../state/samples';
import { loadMembers, loadMoreMembers } from './members';

const ROOM = 7;
const PEOPLE = 230;

const member = (id: number) => samples.member(id, { role: id === 1 ? 'owner' : 'member' });

let asked: string[];
let up: boolean;

beforeEach(() => {
  asked = [];
  up = true;
  useChat.setState(EMPTY_CHAT, true);
  useLoads.setState(EMPTY_LOADS, true);
  vi.stubGlobal('fetch', (address: string) => {
    asked.push(address);
    if (!up) return Promise.reject(new TypeError('no network'));
    const query = new URL(address, 'http://here').searchParams;
    const after = Number(query.get('after') ?? 0);
    const rest = Array.from({ length: PEOPLE - after }, (_, at) => member(after + at + 1));
    return Promise.resolve(Response.json({ data: rest.slice(0, Number(query.get('limit'))) }));
  });
});
afterEach(() => vi.unstubAllGlobals());

const ids = () => useChat.getState().members[ROOM]?.map((one) => one.user.id) ?? [];
const everybody = Array.from({ length: PEOPLE }, (_, at) => at + 1);

test('page by page everybody comes, once, and then nobody is asked for any more', async () => {
  await loadMembers(ROOM);
  expect(ids()).toEqual(everybody.slice(0, 100));
  await loadMoreMembers(ROOM);
  expect(asked.at(-1)).toBe(`/api/rooms/${ROOM}/members?limit=100&after_role=member&after=100`);
  await loadMoreMembers(ROOM);
  expect(ids()).toEqual(everybody);
  await loadMoreMembers(ROOM);
  expect(asked).toHaveLength(3);
});

test('who joined meanwhile is not listed twice when their page comes', async () => {
  await loadMembers(ROOM);
  useChat.setState((chat) => ({ members: { [ROOM]: [...(chat.members[ROOM] ?? []), member(150)] } }));
  await loadMoreMembers(ROOM);
  expect(ids().filter((id) => id === 150)).toHaveLength(1);
});

test('a look at the first page again keeps what was fetched behind it', async () => {
  await loadMembers(ROOM);
  await loadMoreMembers(ROOM);
  await loadMembers(ROOM);
  expect([...ids()].sort((a, b) => a - b)).toEqual(everybody.slice(0, 200));
  await loadMoreMembers(ROOM);
  expect([...ids()].sort((a, b) => a - b)).toEqual(everybody);
});

test('a page that failed can be asked for again', async () => {
  await loadMembers(ROOM);
  up = false;
  await loadMoreMembers(ROOM);
  expect(useLoads.getState().members[ROOM]).toBe('failed');
  up = true;
  await loadMoreMembers(ROOM);
  expect(ids()).toHaveLength(200);
});
