/**
 * The live side of one account: frames go through the gate of each room's cursor, in batches, into the stores; holes are
 * asked for again. What to show is not decided here, and nothing here knows the page: the batch's clock is handed in.
 */
import type { ClientFrame, FrameOf, Room, ServerFrame, User } from '../gen/wire';
import { within } from '../lib/wait';
import {
  EMPTY_CHAT,
  EMPTY_LOADS,
  EMPTY_PRESENCE,
  EMPTY_TYPING,
  type Link,
  OWN_LOG,
  placeOf,
  showSteps,
  useChat,
  useConnection,
  useDrafts,
  useLoads,
  useNews,
  usePresence,
  useSession,
  useTyping,
  useUploads,
  type World,
} from '../state';
import { apply, positionOf, withoutRoom, withRoom } from '../state/apply';
import { doubtedRooms } from '../state/counts';
import { empty, hold } from '../state/messages';
import { admitRoom, startOf } from '../state/rooms';
import { cache } from './cache';
import { forgetEarly } from './early';
import { ApiError, actAs, http } from './http';
import { forgetUnsaved, keep, keepAccount } from './keeping';
import { learnPresence, loadMembers } from './members';
import { forgetConfirmed, learnChanged, learnOwnRow } from './own';
import { Queue } from './queue';
import { recountSoon } from './recount';
import { Socket, type Wire } from './socket';
import { Lead, type TabWord, tellTabs } from './tabs';

export interface LiveDeps {
  openWire(yields: boolean): Wire;
  /** Runs once at the next frame of the page, or soon when the page is hidden. */
  schedule(run: () => void): void;
  /** Somebody else is logged in here by now: what this page holds is not theirs. */
  startOver(): void;
  /** The account was left in another tab. */
  left(): void;
}

const RETRY_MS = 3000;
/** What is written waits no longer than this for an answer over HTTP where the line lives. */
const PATIENCE_MS = 3000;
/** A gap this short is nobody's news. */
const CAUGHT_UP_AFTER_MS = 3000;

const after = (ms: number, run: () => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

let deps: LiveDeps | undefined;
/** Whose rooms, drafts and unsent words are held in memory. */
let owner: number | undefined;
let queue: ServerFrame[] = [];
/** People whom a list names at most. */
const LISTED = 100;
let scheduled = false;
/** Rooms whose missing positions were asked for and have not come yet. */
const syncing = new Set<number>();
/** Big rooms whose members were known before the line broke: a userlist names only the first hundred, so they are asked for. */
const staleMembers = new Set<number>();
const unsentMarks = new Map<number, number>();

export const socket = new Socket({
  open: (yields) => {
    if (!deps) throw new Error('live.begin comes first');
    return deps.openWire(yields);
  },
  now: () => Date.now(),
  random: () => Math.random(),
  after,
  probe: async () => {
    try {
      await http.me();
      return 'retry';
    } catch (error) {
      return error instanceof ApiError && error.status === 401 ? 'ended' : 'retry';
    }
  },
  alive: () => http.alive(),
  onLink: linkMoved,
  onFrame: (frame) => {
    queue.push(frame);
    if (scheduled) return;
    scheduled = true;
    deps?.schedule(flush);
  },
});

/** The tab that leads tells the server what was written in any of them. It is one whose line is up. */
const lead = new Lead();

/** What another tab of this browser says. */
export function heardTab(word: TabWord): void {
  const me = useSession.getState().me?.id;
  switch (word.type) {
    case 'left':
      if (word.user === me) deps?.left();
      return;
    case 'entered':
      if (me !== undefined && word.user !== me) deps?.startOver();
      return;
    case 'steps':
      if (word.user === owner) steps.heard(word.word);
      return;
  }
}

export const steps = new Queue({
  line: {
    up: () => ready,
    send: (frame) => ready && socket.send(frame),
    edit: async (id, content) => learnChanged(await http.editMessage(id, content)),
    recall: async (id) => learnChanged(await http.recallMessage(id)),
    alive: http.alive,
  },
  leads: () => lead.held,
  share: (word) => {
    if (owner !== undefined) tellTabs({ type: 'steps', user: owner, word });
  },
  cursor: (roomId) => useChat.getState().cursors[roomId] ?? 0,
  storage: cache.steps,
  after,
  onChange: showSteps,
});

/** Whether the rooms of this connection are subscribed; sends wait for it, so that their rows are not missed. */
let ready = false;

function linkMoved(link: Link): void {
  const { downSince } = useConnection.getState();
  const up = link.phase === 'connected';
  const down = up || link.phase === 'idle' ? null : (downSince ?? Date.now());
  useConnection.setState({ link, downSince: up ? downSince : down });
  if (up) return;
  ready = false;
  voidHints();
  syncing.clear();
  steps.pause();
  lead.yield();
  if (link.phase !== 'ended') return;
  // Where another tab logged out, what is kept here is gone, and stays so.
  forgetUnsaved();
  if (link.reason === 'session_ended') useSession.setState({ status: 'ended' });
}

/** Who is here and who types was told for the line that carried it. Who left meanwhile is not told of; the next line tells anew. */
function voidHints(): void {
  queue = queue.filter(({ type }) => type !== 'presence' && type !== 'userlist' && type !== 'typing');
  for (const roomId of Object.keys(useChat.getState().members)) staleMembers.add(Number(roomId));
  usePresence.setState(EMPTY_PRESENCE, true);
  useTyping.setState(EMPTY_TYPING, true);
}

function world(): World {
  return { chat: useChat.getState(), presence: usePresence.getState(), typing: useTyping.getState() };
}

/** Applies what came since the last page frame in one go, so that a burst costs one drawing. */
export function flush(): void {
  scheduled = false;
  const frames = queue;
  queue = [];
  const before = world();
  let now = before;
  const { me, limits } = useSession.getState();
  for (const frame of frames) {
    if (!admitted(now, frame)) continue;
    now = apply(now, frame, { me: me?.id ?? 0, now: Date.now(), typingMs: limits.typing_ms });
    const position = positionOf(frame);
    if (position) keep(position.room_id);
  }
  if (now.chat !== before.chat) useChat.setState(now.chat, true);
  if (now.presence !== before.presence) usePresence.setState(now.presence, true);
  if (now.typing !== before.typing) useTyping.setState(now.typing, true);
  for (const frame of frames) react(frame);
  for (const roomId of doubtedRooms(now.chat)) recountSoon(roomId);
}

/** Only the next position of a log may pass: what was seen is not news, and a hole is asked for first. */
function admitted({ chat }: World, frame: ServerFrame): boolean {
  const position = positionOf(frame);
  if (!position) return true;
  const { room_id: roomId, seq } = position;
  const cursor = chat.cursors[roomId];
  if (cursor === undefined || seq <= cursor) return false;
  if (seq === cursor + 1) return true;
  // What comes before the answer to `sync` is part of that answer.
  if (!syncing.has(roomId)) sync({ [roomId]: cursor });
  // The answer in one's own log has holes where a thing has changed again: each frame says how a thing is now.
  return roomId === OWN_LOG;
}

const NOTHING = () => undefined;

/** What each frame means beyond the stores: one that is forgotten here does not compile. */
const MEANINGS: { readonly [T in ServerFrame['type']]: (frame: FrameOf<T>) => void } = {
  welcome: welcomed,
  text: (frame) => {
    if (frame.user_id !== useSession.getState().me?.id) return;
    learnOwnRow(frame.room_id, frame.message_id, frame.seq);
    steps.seen(frame.room_id, frame.seq);
  },
  ack: (frame) => {
    learnOwnRow(frame.room_id, frame.message_id, frame.seq, frame.client_id ?? undefined);
    steps.acked(frame);
    steps.seen(frame.room_id, useChat.getState().cursors[frame.room_id] ?? 0);
  },
  error: (frame) => void steps.refused(frame),
  synced,
  resync: (frame) => void resynced(frame),
  userlist: ({ room_id, total }) => {
    // In a smaller room everybody was named, here or beside another room of the same `sync`.
    if (staleMembers.delete(room_id) && total > LISTED) void loadMembers(room_id);
  },
  room: ({ event, room_id }) => {
    if (event === 'added') track([room_id]);
    if (event === 'removed' || event === 'deleted') void cache.forgetRoom(room_id);
  },
  system: NOTHING,
  edit: NOTHING,
  recall: NOTHING,
  member: NOTHING,
  read: NOTHING,
  profile: ({ user }) => {
    const { me } = useSession.getState();
    if (me && user?.id === me.id) useSession.setState({ me: { ...me, ...user } });
  },
  presence: NOTHING,
  typing: NOTHING,
  pong: NOTHING,
  emojis_changed: NOTHING,
};

function react(frame: ServerFrame): void {
  useNews.setState({ frame });
  // A newer server may say what this client does not know yet.
  if (Object.hasOwn(MEANINGS, frame.type)) (MEANINGS[frame.type] as (frame: ServerFrame) => void)(frame);
}

function welcomed(frame: FrameOf<'welcome'>): void {
  // The cookie changed hands in another tab while this page had no line.
  if (frame.user_id !== useSession.getState().me?.id) {
    socket.stop();
    deps?.startOver();
    return;
  }
  forgetEarly();
  if (frame.limits) useSession.setState({ limits: frame.limits });
  useConnection.setState({ build: frame.build });
  keepAccount();
  void resume();
}

/** A connection is up: learn my rooms anew, then ask for what was missed. */
async function resume(): Promise<void> {
  const generation = useConnection.getState().link;
  // It may have broken again before this was read.
  if (generation.phase !== 'connected') return;
  const isOver = () => useConnection.getState().link !== generation;
  const known = useLoads.getState().rooms === 'ready';
  const asked = refreshRooms().then(
    () => true,
    () => false,
  );
  // The socket is up but HTTP is not, or hangs: the rooms known so far will do until it is there.
  let told = await (known ? within(asked, PATIENCE_MS) : asked);
  if (known && !told && !isOver()) goOn();
  told ??= await asked;
  if (isOver()) return;
  if (told) goOn();
  else after(RETRY_MS, () => isOver() || void resume());
}

/** The line carries my rooms from here on, and what waited for it. */
function goOn(): void {
  sync(useChat.getState().cursors);
  ready = true;
  for (const [roomId, seq] of unsentMarks) socket.send({ type: 'read', room_id: roomId, seq });
  unsentMarks.clear();
  lead.seek(() => steps.lead());
  caughtUp();
}

/** The list of my rooms is the server's word: counts, heads, and which rooms are mine at all. */
export async function refreshRooms(): Promise<void> {
  useLoads.setState({ rooms: useLoads.getState().rooms === 'ready' ? 'ready' : 'loading' });
  let rooms: Room[];
  try {
    rooms = await http.rooms();
  } catch (error) {
    useLoads.setState((loads) => ({ rooms: loads.rooms === 'ready' ? 'ready' : 'failed' }));
    throw error;
  }
  useChat.setState((chat) => {
    const mine = new Set(rooms.map((room) => room.id));
    let next = chat;
    for (const room of Object.values(chat.rooms))
      if (room.my_role && !mine.has(room.id)) next = withoutRoom(next, room.id);
    for (const room of rooms) next = admitRoom(next, room);
    return next;
  }, true);
  learnPresence(rooms.flatMap((room) => room.peers ?? []));
  useLoads.setState({ rooms: 'ready' });
  void cache.saveRooms(rooms);
}

/** Takes a room the server has just answered with, and listens to it when it is mine. */
export function learnRoom(room: Room): void {
  useChat.setState((chat) => admitRoom(chat, { ...room, peers: room.peers ?? [] }), true);
  learnPresence(room.peers ?? []);
  if (room.my_role) track([room.id]);
}

export function forgetRoom(roomId: number): void {
  useChat.setState((chat) => withoutRoom(chat, roomId), true);
  void cache.forgetRoom(roomId);
}

function track(roomIds: readonly number[]): void {
  const chat = useChat.getState();
  const { cursors, rooms } = chat;
  const from: Record<number, number> = {};
  for (const id of roomIds) {
    const room = rooms[id];
    if (room?.my_role) from[id] = cursors[id] ?? startOf(chat, room);
  }
  useChat.setState((chat) => ({ cursors: { ...from, ...chat.cursors } }));
  if (ready && Object.keys(from).length > 0) sync(from);
}

function sync(rooms: Readonly<Record<number, number>>): void {
  const { epoch } = useChat.getState();
  if (epoch === null || !socket.send({ type: 'sync', epoch, rooms })) return;
  for (const id of Object.keys(rooms)) syncing.add(Number(id));
}

function synced(frame: FrameOf<'synced'>): void {
  syncing.delete(frame.room_id);
  const cursor = useChat.getState().cursors[frame.room_id];
  if (cursor !== undefined && cursor < frame.to) void restart(frame.room_id, frame.to);
  steps.seen(frame.room_id, frame.to);
  caughtUp();
}

/** Where nothing that was missed is on its way any more. */
function caughtUp(): void {
  if (!ready || syncing.size > 0) return;
  const { downSince } = useConnection.getState();
  const now = Date.now();
  const worthTelling = downSince !== null && now - downSince > CAUGHT_UP_AFTER_MS;
  useConnection.setState((held) => ({ downSince: null, caughtUpAt: worthTelling ? now : held.caughtUpAt }));
}

/** The cursor cannot be continued: what is held of the room may be old, so it is let go and fetched anew. */
async function resynced(frame: FrameOf<'resync'>): Promise<void> {
  syncing.delete(frame.room_id);
  if (frame.reason === 'not_a_member') {
    forgetRoom(frame.room_id);
    return;
  }
  // What stands in one's own log is in the list of my rooms, too, and the socket hears the rest.
  if (frame.room_id === OWN_LOG) await refreshRooms().catch(() => undefined);
  else await restart(frame.room_id, frame.reason === 'too_far' ? frame.head : undefined);
  caughtUp();
}

/** Begins a room again. `head` is where the socket listens from already; without it the socket has to be asked. */
async function restart(roomId: number, head: number | undefined): Promise<void> {
  const generation = useConnection.getState().link;
  useChat.setState((chat) => {
    const { [roomId]: _cursor, ...cursors } = chat.cursors;
    return { ...empty(chat, roomId), cursors: head === undefined ? cursors : { ...cursors, [roomId]: head } };
  }, true);
  try {
    const room = await http.room(roomId);
    useChat.setState((chat) => admitRoom(chat, room), true);
    if (head === undefined) track([roomId]);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) forgetRoom(roomId);
    // Nobody listens to the room until it has answered; the next connection asks by itself.
    else
      after(RETRY_MS, () => {
        if (useConnection.getState().link === generation) void restart(roomId, head);
      });
  }
}

/** The read mark of a room; kept for later when there is no connection. */
export function sendReadMark(roomId: number, seq: number): void {
  if (!ready || !socket.send({ type: 'read', room_id: roomId, seq })) unsentMarks.set(roomId, seq);
}

/** A hint to the server; without a connection it is simply not given. */
export function hint(frame: ClientFrame): void {
  if (ready) socket.send(frame);
}

/** Shows what the last visit left, before the server was asked; only `account`'s, when it is known whose page this is. */
export async function restore(account?: number): Promise<User | undefined> {
  const saved = await cache.load();
  if (!saved || (account !== undefined && saved.me.id !== account)) return undefined;
  owner = saved.me.id;
  let chat: World['chat'] = { ...EMPTY_CHAT, epoch: saved.epoch, cursors: { [OWN_LOG]: saved.own } };
  for (const room of saved.rooms) chat = withRoom(chat, room);
  for (const { room_id, span } of saved.tails) {
    if (!chat.rooms[room_id]) continue;
    chat = hold(chat, placeOf(room_id), span, span.to);
    chat = { ...chat, cursors: { ...chat.cursors, [room_id]: span.to } };
  }
  useChat.setState(chat, true);
  const places = Object.fromEntries(saved.drafts.map(({ place, draft }) => [place, draft]));
  useDrafts.setState({ places, written: [] }, true);
  steps.restore(saved.steps);
  if (saved.rooms.length > 0) {
    useSession.setState({ status: 'active', me: saved.me });
    useLoads.setState({ rooms: 'ready' });
  }
  return saved.me;
}

/** Starts the live side for an account; what another one left on this device goes. */
export async function begin(me: User, with_: LiveDeps): Promise<void> {
  deps = with_;
  if (owner !== undefined && owner !== me.id) await end({ keepCache: true });
  owner = me.id;
  actAs(me.id);
  await cache.adopt(me, useChat.getState().epoch);
  useSession.setState({ me, status: 'active' });
  useChat.setState((chat) => ({ users: { ...chat.users, [me.id]: me } }));
  socket.start();
  // What was asked for before the scripts were there has its answer by now; the connection will ask anew.
  if (useLoads.getState().rooms === 'idle') void refreshRooms().catch(() => undefined);
  keepAccount();
}

/** Ends it and forgets everything this account left here; `keepCache` for when the same person may come back. */
export async function end({ keepCache = false } = {}): Promise<void> {
  socket.stop();
  owner = undefined;
  actAs(undefined);
  forgetConfirmed();
  // Before the steps: what goes with those that are thrown away goes, too, and none of these is.
  useUploads.setState({ uploads: [] }, true);
  steps.clear();
  queue = [];
  unsentMarks.clear();
  forgetUnsaved();
  useDrafts.setState({ places: {}, written: [] }, true);
  useChat.setState(EMPTY_CHAT, true);
  usePresence.setState(EMPTY_PRESENCE, true);
  useTyping.setState(EMPTY_TYPING, true);
  useLoads.setState(EMPTY_LOADS, true);
  if (!keepCache) await cache.wipe();
}
