import { afterEach, beforeEach, describe, expect, type Mock, test, vi } from 'vitest';
import type { ClientFrame, Room } from '../gen/wire';
import { rowsOf, showSteps, toDraft, useChat, useDrafts, usePresence, useSession, useTyping } from '../state';
import { withRoom } from '../state/apply';
import { close, open } from '../state/messages';
import { AT, room, user } from '../state/samples';
import { cache } from './cache';
import { begin, end, sendReadMark } from './live';
import type { Wire } from './socket';

const ME = user(1, { username: 'me' });
const ROOM = room(7);

/** Longer than the wait before another try, shorter than a line may take to open. */
const RECONNECT_MS = 9000;

let wire: Wire & { sent: ClientFrame[] };
let rooms: Room[];
/** HTTP does not answer. */
let away: boolean;
/** While set, the answers wait for it. */
let hang: Promise<void> | undefined;
/** Holds the frames back while it is set, as a busy page does. */
let held: (() => void)[] | undefined;
let startOver: Mock<() => void>;

/** Lets every promise that is ready run. */
const settle = () => new Promise<void>((done) => setTimeout(done, 0));
const say = (frame: object) => wire.onmessage?.({ data: JSON.stringify(frame) });
const welcome = (epoch = 1, user = 1) =>
  say({
    type: 'welcome',
    user_id: user,
    username: 'me',
    session: 's',
    epoch,
    heartbeat_ms: 25_000,
    pong_timeout_ms: 10_000,
  });
const text = (seq: number) =>
  say({
    type: 'text',
    room_id: 7,
    message_id: seq,
    seq,
    user_id: 2,
    username: 'maya',
    content: `${seq}`,
    timestamp: AT,
    mentions: [],
    mentions_room: false,
    mention_spans: [],
    guest: false,
  });
const syncs = () => wire.sent.filter((frame) => frame.type === 'sync').map((frame) => frame.rooms);
const seen = () => {
  const chat = useChat.getState();
  return chat.logs['7']?.flatMap((span) => rowsOf(chat, '7', span).map((row) => row.seq)) ?? [];
};
/** The line breaks, and the next one stands; on fake timers. */
const reconnected = async () => {
  wire.onclose?.({ code: 1012 });
  await vi.advanceTimersByTimeAsync(RECONNECT_MS);
  wire.onopen?.();
  welcome();
  await vi.advanceTimersByTimeAsync(100);
};

beforeEach(async () => {
  rooms = [ROOM];
  away = false;
  hang = undefined;
  held = undefined;
  startOver = vi.fn<() => void>();
  vi.stubGlobal('fetch', async (address: string) => {
    if (away) throw new TypeError('away');
    await hang;
    const one = /\/api\/rooms\/7$/.test(address);
    return Response.json({ code: 200, message: 'success', data: one ? rooms[0] : rooms });
  });
  await begin(ME, {
    openWire: () => {
      const sent: ClientFrame[] = [];
      wire = {
        sent,
        send: (data) => sent.push(JSON.parse(data)),
        close: () => undefined,
        onopen: null,
        onmessage: null,
        onclose: null,
      };
      return wire;
    },
    schedule: (run) => (held ? held.push(run) : run()),
    startOver,
    left: () => undefined,
  });
  wire.onopen?.();
  welcome();
  await settle();
  useChat.setState((chat) => open(chat, '7'), true);
});

afterEach(async () => {
  await end();
  showSteps([]);
  useSession.setState({ status: 'unknown', me: null });
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('a connection asks for everything after what is known', () => {
  expect(syncs()).toEqual([{ 0: 0, 7: 10 }]);
});

test('a line that lives does not wait for an answer over HTTP that hangs; what that tells is asked for when it is there', async () => {
  vi.useFakeTimers();
  wire.onclose?.({ code: 1006 });
  await vi.advanceTimersByTimeAsync(RECONNECT_MS);
  let answer: () => void = () => undefined;
  hang = new Promise((done) => {
    answer = done;
  });
  rooms = [ROOM, room(8)];
  wire.onopen?.();
  welcome();
  await vi.advanceTimersByTimeAsync(4000);
  expect(syncs()).toEqual([{ 0: 0, 7: 10 }]);
  answer();
  await vi.advanceTimersByTimeAsync(10);
  expect(syncs().at(-1)).toEqual({ 0: 0, 7: 10, 8: 10 });
});

test('the next position is shown, a seen one is not counted again', () => {
  say({ type: 'synced', room_id: 7, from: 10, to: 10 });
  text(11);
  text(11);
  expect(seen()).toEqual([11]);
  expect(useChat.getState().rooms[7]?.unread).toBe(1);
});

test('a hole is asked for once, from the last contiguous position, and nothing beyond it is shown before', () => {
  say({ type: 'synced', room_id: 7, from: 10, to: 10 });
  text(11);
  text(14);
  text(15);
  expect(seen()).toEqual([11]);
  expect(syncs().slice(1)).toEqual([{ 7: 11 }]);
  for (const seq of [12, 13, 14, 15]) text(seq);
  say({ type: 'synced', room_id: 7, from: 11, to: 15 });
  text(16);
  expect(seen()).toEqual([11, 12, 13, 14, 15, 16]);
  expect(useChat.getState().logs['7']).toHaveLength(1);
  expect(syncs()).toHaveLength(2);
});

test('a frame of a type this page does not know takes its position, and nothing is asked for again', async () => {
  say({ type: 'synced', room_id: 7, from: 10, to: 10 });
  text(11);
  say({ type: 'reaction', room_id: 7, seq: 12, message_id: 11, user_id: 2, emoji: '🌱', timestamp: AT });
  text(13);
  say({ type: 'weather', sun: true });
  say({ type: 'synced', room_id: 7, from: 10, to: 13 });
  await settle();
  expect(seen()).toEqual([11, 13]);
  expect(useChat.getState().cursors[7]).toBe(13);
  expect(useChat.getState().logs['7']).toHaveLength(1);
  expect(syncs()).toHaveLength(1);
});

test('of a room that was never opened only the last message is held', () => {
  useChat.setState((chat) => close(chat, '7'), true);
  for (const seq of [11, 12, 13]) text(seq);
  const chat = useChat.getState();
  expect(chat.messages).toEqual({});
  expect(chat.logs).toEqual({});
  expect(chat.rooms[7]).toMatchObject({ unread: 3, last_seq: 13, last_message: { seq: 13 } });
});

test('where nobody here knows whether a recalled message named me, the server is asked', async () => {
  vi.useFakeTimers();
  useChat.setState((chat) => close(withRoom(chat, { ...ROOM, unread: 2, mentions: 2, read_seq: 8 }), '7'), true);
  say({ type: 'synced', room_id: 7, from: 10, to: 10 });
  rooms = [{ ...ROOM, last_seq: 11, unread: 1, mentions: 1, read_seq: 8 }];
  say({ type: 'recall', room_id: 7, message_id: 9, message_seq: 9, seq: 11, user_id: 2, timestamp: AT });
  expect(useChat.getState().rooms[7]?.unread).toBe(1);
  await vi.advanceTimersByTimeAsync(3000);
  expect(useChat.getState().rooms[7]).toMatchObject({ unread: 1, mentions: 1 });
  expect(useChat.getState().tallies[7]?.doubted).toBe(false);
});

test('too far: what was held is let go, and the room goes on from the head it is subscribed at', async () => {
  say({ type: 'synced', room_id: 7, from: 10, to: 10 });
  text(11);
  rooms = [{ ...ROOM, last_seq: 5000, unread: 4000 }];
  say({ type: 'resync', room_id: 7, reason: 'too_far', head: 5000 });
  await settle();
  expect(seen()).toEqual([]);
  expect(useChat.getState().rooms[7]).toMatchObject({ last_seq: 5000, unread: 4000 });
  text(5001);
  expect(seen()).toEqual([5001]);
});

test('another epoch: the room is fetched anew and asked for from its new head', async () => {
  say({ type: 'synced', room_id: 7, from: 10, to: 10 });
  rooms = [{ ...ROOM, last_seq: 3 }];
  say({ type: 'resync', room_id: 7, reason: 'epoch', head: 3 });
  await settle();
  expect(syncs().at(-1)).toEqual({ 7: 3 });
});

test('no longer a member: the room is gone', () => {
  say({ type: 'resync', room_id: 7, reason: 'not_a_member', head: 0 });
  expect(useChat.getState().rooms[7]).toBeUndefined();
});

test('a room I was added to is listened to at once', async () => {
  say({ type: 'room', room_id: 8, event: 'added', timestamp: AT, room: { ...ROOM, id: 8, last_seq: 2 } });
  await settle();
  expect(syncs().at(-1)).toEqual({ 8: 2 });
});

test('a room that was read before it was mine goes on from there, so that no hole is left', async () => {
  useChat.setState((chat) => ({ logs: { ...chat.logs, '8': [{ from: 1, to: 10, ids: [] }] } }));
  say({ type: 'room', room_id: 8, event: 'added', timestamp: AT, room: { ...ROOM, id: 8, last_seq: 11 } });
  await settle();
  expect(syncs().at(-1)).toEqual({ 8: 10 });
});

test('a session that ended elsewhere is over here', () => {
  wire.onclose?.({ code: 4001 });
  expect(useSession.getState().status).toBe('ended');
});

test('another epoch while HTTP is away: the room is asked for until it answers', async () => {
  vi.useFakeTimers();
  say({ type: 'synced', room_id: 7, from: 10, to: 10 });
  rooms = [{ ...ROOM, last_seq: 3 }];
  away = true;
  say({ type: 'resync', room_id: 7, reason: 'epoch', head: 3 });
  await vi.advanceTimersByTimeAsync(4000);
  expect(syncs()).toHaveLength(1);
  away = false;
  await vi.advanceTimersByTimeAsync(4000);
  expect(syncs().at(-1)).toEqual({ 7: 3 });
});

test('a line that is somebody else’s is not spoken on: the page starts over', async () => {
  const before = wire;
  vi.useFakeTimers();
  wire.onclose?.({ code: 1012 });
  await vi.advanceTimersByTimeAsync(RECONNECT_MS);
  expect(wire).not.toBe(before);
  welcome(1, 2);
  await vi.advanceTimersByTimeAsync(100);
  expect(startOver).toHaveBeenCalledTimes(1);
  expect(wire.sent).toEqual([]);
});

test('what was written goes with the account', async () => {
  toDraft('7', { type: 'wrote', text: 'for my eyes' });
  await end();
  expect(useDrafts.getState().places).toEqual({});
});

test('a session that is over keeps nothing more on the device', async () => {
  vi.useFakeTimers();
  const kept = vi.spyOn(cache, 'saveRooms');
  say({ type: 'synced', room_id: 7, from: 10, to: 10 });
  text(11);
  wire.onclose?.({ code: 4001 });
  await vi.advanceTimersByTimeAsync(5000);
  expect(kept).not.toHaveBeenCalled();
});

test('whoever comes after a logout finds nothing, whatever another tab wrote since', async () => {
  await end();
  const adopted = vi.spyOn(cache, 'adopt');
  await begin({ ...ME, id: 2 }, { openWire: () => wire, schedule: (run) => run(), startOver, left: () => undefined });
  expect(adopted).toHaveBeenCalledWith(expect.objectContaining({ id: 2 }), null);
});

test('a welcome that is read after the line broke does not swallow read marks', async () => {
  vi.useFakeTimers();
  const before = wire;
  wire.onclose?.({ code: 1012 });
  await vi.advanceTimersByTimeAsync(RECONNECT_MS);
  expect(wire).not.toBe(before);
  sendReadMark(7, 9);
  held = [];
  welcome();
  const broken = wire;
  wire.onclose?.({ code: 1012 });
  for (const run of held) run();
  held = undefined;
  await vi.advanceTimersByTimeAsync(RECONNECT_MS);
  expect(wire).not.toBe(broken);
  welcome();
  await vi.advanceTimersByTimeAsync(100);
  expect(wire.sent).toContainEqual({ type: 'read', room_id: 7, seq: 9 });
});

test('a broken line voids who is here and who types; the next one tells anew', () => {
  say({ type: 'synced', room_id: 7, from: 10, to: 10 });
  say({ type: 'presence', user_id: 2, username: 'maya', status: 'online' });
  say({ type: 'userlist', room_id: 7, users: [{ user_id: 2, username: 'maya', presence: 'online' }], total: 1 });
  say({ type: 'typing', room_id: 7, user_id: 2, username: 'maya' });
  held = [];
  say({ type: 'presence', user_id: 3, username: 'li', status: 'online' });
  wire.onclose?.({ code: 1006 });
  for (const run of held) run();
  expect(usePresence.getState()).toEqual({ people: {}, here: {} });
  expect(useTyping.getState().rooms).toEqual({});
});

/** My mark in a room moved on some device. */
const mark = (own_seq: number, room_id: number, seq: number) =>
  say({ type: 'read', room_id, seq, unread: 0, mentions: 0, own_seq });
const ownSynced = (from: number, to: number) => say({ type: 'synced', room_id: 0, from, to });
const own = () => useChat.getState().cursors[0];
const marks = () => [7, 8, 9].map((id) => useChat.getState().rooms[id]?.read_seq);

describe('my own log', () => {
  beforeEach(() => {
    const unread = (id: number): Room => ({ ...ROOM, id, unread: 3, read_seq: 7 });
    useChat.setState((chat) => [7, 8, 9].map(unread).reduce(withRoom, chat), true);
    say({ type: 'synced', room_id: 7, from: 10, to: 10 });
  });

  test('what I read elsewhere meanwhile is taken with its holes, and what comes live after it is asked for by none', () => {
    mark(3, 8, 9);
    mark(5, 7, 10);
    expect(own()).toBe(0);
    ownSynced(0, 5);
    mark(6, 9, 10);
    expect(marks()).toEqual([10, 9, 10]);
    expect(own()).toBe(6);
    expect(syncs()).toHaveLength(1);
  });

  test('the answer and what came behind it may be drawn at once', () => {
    held = [];
    mark(3, 8, 9);
    ownSynced(0, 5);
    mark(6, 9, 10);
    mark(7, 9, 11);
    for (const run of held) run();
    held = undefined;
    expect(own()).toBe(7);
    expect(syncs()).toHaveLength(1);
  });

  test('a hole is asked for once, from the last position without one; what is known is not news', () => {
    ownSynced(0, 4);
    mark(5, 7, 8);
    mark(8, 8, 9);
    mark(9, 9, 9);
    expect(syncs().slice(1)).toEqual([{ 0: 5 }]);
    mark(7, 7, 9);
    mark(8, 8, 9);
    mark(9, 9, 9);
    ownSynced(5, 9);
    mark(10, 9, 10);
    mark(4, 8, 10);
    expect(marks()).toEqual([9, 9, 10]);
    expect(own()).toBe(10);
    expect(syncs()).toHaveLength(2);
  });

  test('a line that breaks in the middle of the answer costs nothing: the next one asks from before it', async () => {
    ownSynced(0, 4);
    vi.useFakeTimers();
    await reconnected();
    expect(syncs()).toEqual([{ 0: 4, 7: 10 }]);
    mark(7, 8, 9);
    await reconnected();
    expect(syncs()).toEqual([{ 0: 4, 7: 10 }]);
  });

  test('a cursor that is worth nothing: the marks come by HTTP, and it goes on from the head', async () => {
    rooms = [{ ...ROOM, read_seq: 9, unread: 1 }];
    say({ type: 'resync', room_id: 0, reason: 'future', head: 2 });
    await settle();
    expect(marks()[0]).toBe(9);
    mark(3, 7, 10);
    expect(own()).toBe(3);
    expect(syncs()).toHaveLength(1);
  });

  test('another history begins from nothing', async () => {
    ownSynced(0, 4);
    welcome(2);
    await settle();
    expect(syncs().at(-1)).toEqual({ 0: 0, 7: 10 });
  });

  test('a mark that moved is kept with the position that told it', async () => {
    vi.useFakeTimers();
    const [kept, account] = [vi.spyOn(cache, 'saveRooms'), vi.spyOn(cache, 'saveAccount')];
    ownSynced(0, 4);
    mark(5, 8, 9);
    await vi.advanceTimersByTimeAsync(5000);
    expect(kept.mock.lastCall?.[0]).toContainEqual(expect.objectContaining({ id: 8, read_seq: 9 }));
    expect(account).toHaveBeenLastCalledWith(expect.objectContaining({ id: 1 }), 1, 5);
    expect(kept.mock.invocationCallOrder.at(-1)).toBeLessThan(account.mock.invocationCallOrder.at(-1) ?? 0);
  });
});
