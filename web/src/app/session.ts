/** The life of a session on this page: from the first question to the server until logging out. */
import type { User } from '../gen/wire';
import { soon } from '../lib/frames';
import { Wait } from '../lib/wait';
import { ApiError, http } from '../net';
import { cache } from '../net/cache';
import { forgetEarly } from '../net/early';
import { onOtherAccount, onUnauthorized } from '../net/http';
import { begin, end, heardTab, type LiveDeps, restore, socket } from '../net/live';
import type { Wire } from '../net/socket';
import { hearTabs, tellTabs } from '../net/tabs';
import { type Draft, followCalendar, lookAtCalendar, type Place, useConnection, useDrafts, useSession } from '../state';
import { hadSession, isLeaving, noteSession } from './last-session';
import { adoptLook } from './look';
import { learnFacts } from './server-facts';

export const liveDeps: LiveDeps = {
  openWire: (yields) => {
    const address = new URL(yields ? '/ws?yield=1' : '/ws', location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    return wireOf(new WebSocket(address, ['chinwag.v1.json']));
  },
  schedule: soon,
  startOver: () => location.reload(),
  left: () => {
    // What is kept on the device is that tab's to clear; it may be somebody else's by now.
    void end({ keepCache: true });
    useSession.setState({ status: 'anonymous', me: null });
  },
};

/** The browser's socket as `net/` knows one. */
function wireOf(socket: WebSocket): Wire {
  const wire: Wire = {
    send: (data) => socket.send(data),
    close: (code, reason) => socket.close(code, reason),
    onopen: null,
    onmessage: null,
    onclose: null,
  };
  socket.onopen = () => wire.onopen?.();
  socket.onmessage = (event) => wire.onmessage?.(event);
  socket.onclose = (event) => wire.onclose?.(event);
  return wire;
}

const DRAFT_AFTER_MS = 500;
/** Of this tab alone, and only from one page to the next. */
const LAST_WORDS = 'chinwag.last-words';

/** Shows what the last visit left at once, and asks the server who this is. */
export async function startSession(): Promise<void> {
  hearTabs((word) => {
    heardTab(word);
    if (word.type === 'entered') void comeIn(word.user);
  });
  onOtherAccount(() => location.reload());
  onUnauthorized(() => {
    if (useSession.getState().status === 'active') socket.stop('session_ended');
  });
  window.addEventListener('online', hintOnline);
  window.addEventListener('offline', hintOnline);
  followCalendar();
  for (const event of ['focus', 'pageshow'] as const) window.addEventListener(event, lookAtCalendar);
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    lookAtCalendar();
    socket.wake();
  });
  useConnection.setState({ online: navigator.onLine });
  keepDrafts();
  if (isLeaving()) {
    if (await tellLogout()) noteSession('no');
    useSession.setState({ status: 'anonymous', me: null });
    return;
  }
  const saved = await restore();
  if (saved) recallLastWords(saved);
  // A cookie from elsewhere (another page of this server, a browser whose storage was emptied) opens the door too.
  if (saved || hadSession() || (await learnFacts())?.logged_in) await recognise(saved);
  else useSession.setState({ status: 'anonymous', me: null });
}

function hintOnline(): void {
  useConnection.setState({ online: navigator.onLine });
  socket.hintOnline(navigator.onLine);
}

/** The cookie is that of all tabs: who has logged in in one is not asked again by another that waits for it. */
async function comeIn(user: number): Promise<void> {
  const { status, me } = useSession.getState();
  if (status === 'anonymous') await recognise(await restore(user));
  else if (status === 'ended' && me?.id === user) await recognise(me);
}

/** Who the cookie says this is. A server that is away does not end a session that was good. */
export async function recognise(saved?: User | undefined): Promise<void> {
  try {
    const me = await http.me();
    adoptLook(me.theme, me.locale);
    await begin(me, liveDeps);
    // Where the disk did not answer, nothing was put back yet.
    recallLastWords(me);
    tellTabs({ type: 'entered', user: me.id });
    noteSession('yes');
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      // What else was asked with it was refused, too: whoever comes in asks anew.
      forgetEarly();
      noteSession('no');
      await end({ keepCache: true });
      useSession.setState({ status: 'anonymous', me: null });
    } else if (saved) await begin(saved, liveDeps);
    else useSession.setState({ status: 'unreachable' });
  }
}

export async function logOut(): Promise<void> {
  const told = await tellLogout();
  await leave();
  if (!told) noteSession('leaving');
}

/** True once the cookie is worth nothing any more. */
async function tellLogout(): Promise<boolean> {
  try {
    await http.logOut();
    return true;
  } catch (error) {
    return error instanceof ApiError && error.status === 401;
  }
}

/** Forgets the account on this device. */
export async function leave(): Promise<void> {
  const { me } = useSession.getState();
  if (me) tellTabs({ type: 'left', user: me.id });
  noteSession('no');
  await end();
  useSession.setState({ status: 'anonymous', me: null });
}

function keepDrafts(): void {
  const waiting = new Map<Place, Wait>();
  const save = (place: Place) => {
    waiting.get(place)?.stop();
    waiting.delete(place);
    if (useSession.getState().me) void cache.saveDraft(place, useDrafts.getState().places[place]);
  };
  useDrafts.subscribe((now, before) => {
    for (const place of now.written) {
      if (now.places[place] === before.places[place]) continue;
      const wait = waiting.get(place) ?? new Wait();
      waiting.set(place, wait);
      wait.start(DRAFT_AFTER_MS, () => save(place));
    }
  });
  // The last half second counts too when the page goes away, and then only what is written at once is kept. On the disk another
  // tab may have written over what this one shows.
  window.addEventListener('pagehide', () => {
    const { me } = useSession.getState();
    const { places, written } = useDrafts.getState();
    if (!me || written.length === 0) return;
    const drafts = written.map((place) => [place, places[place] ?? null]);
    try {
      sessionStorage.setItem(LAST_WORDS, JSON.stringify({ me: me.id, drafts }));
    } catch {
      // Storage is closed: what is half a second old is lost with the page.
    }
    for (const place of written) if (places[place] || waiting.has(place)) save(place);
  });
}

/** Puts back what this tab's former page showed where one wrote in it. */
function recallLastWords(me: User): void {
  try {
    const held: unknown = JSON.parse(sessionStorage.getItem(LAST_WORDS) ?? 'null');
    sessionStorage.removeItem(LAST_WORDS);
    if (!isLastWords(held) || held.me !== me.id) return;
    const places = { ...useDrafts.getState().places };
    for (const [place, draft] of held.drafts) {
      if (draft) places[place] = draft;
      else delete places[place];
    }
    useDrafts.setState({ places, written: held.drafts.map(([place]) => place) }, true);
  } catch {
    // Storage is closed, or holds something else: there is nothing to put back.
  }
}

interface LastWords {
  readonly me: number;
  readonly drafts: readonly (readonly [Place, Draft | null])[];
}

function isLastWords(value: unknown): value is LastWords {
  return (
    typeof value === 'object' && value !== null && 'me' in value && 'drafts' in value && Array.isArray(value.drafts)
  );
}
