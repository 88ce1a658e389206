/** Pages of a place's history, by HTTP, into its log. It decides what to ask for; the views decide when. */
import type { Message } from '../gen/wire';
import {
  type Chat,
  EMPTY_LOG,
  type Loading,
  type Page,
  type Place,
  placesOf,
  roomOf,
  type Span,
  spanAt,
  stretchOfPage,
  useChat,
  useLoads,
} from '../state';
import { close, hold, keepBetween, keepEnd, open } from '../state/messages';
import { isAsked } from './early';
import { ApiError, http } from './http';
import { saveTail } from './keeping';
import { forgetRoom } from './live';

export const PAGE = 50;
/** Rows of one place held while it is read. */
export const WINDOW = 500;

type Direction = 'newest' | 'before' | 'after' | 'around';

/** Each position is a question of its own; the others go on from what is held. */
export function loadKey(place: Place, direction: Direction, around?: number): string {
  return around === undefined ? `${place}:${direction}` : `${place}:${direction}:${around}`;
}

function mark(key: string, loading: Loading): void {
  useLoads.setState((loads) => ({ history: { ...loads.history, [key]: loading } }));
}

async function load(place: Place, page: Page): Promise<void> {
  const key = loadKey(place, page.kind, page.kind === 'around' ? page.seq : undefined);
  // What is told while the page is on its way belongs behind it, also where the place was left meanwhile and entered again.
  useChat.setState((chat) => open(chat, place), true);
  if (useLoads.getState().history[key] === 'loading') return;
  mark(key, 'loading');
  const roomId = roomOf(place);
  const epoch = useChat.getState().epoch;
  const asOf = head(place);
  try {
    const rows = await ask(roomId, page);
    const chat = useChat.getState();
    // An answer from before a restart of the log has positions that mean nothing now.
    if (chat.epoch === epoch || epoch === null) {
      useChat.setState(hold(chat, place, stretchOfPage(page, rows, PAGE), asOf), true);
      introduce(rows);
      if (page.kind === 'newest') saveTail(roomId);
    }
    mark(key, 'ready');
    // Nothing asks for it again: what an answer of before a restart left out, or came while nobody held it, is asked for here.
    if (page.kind === 'newest' && (heldAt(place, 'latest')?.to ?? 0) < head(place)) await loadNewest(place);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) forgetRoom(roomId);
    mark(key, 'failed');
  }
}

function ask(roomId: number, page: Page): Promise<Message[]> {
  switch (page.kind) {
    case 'newest':
      return newest(roomId, page.head);
    case 'before':
      return http.messages(roomId, { limit: PAGE, before: page.seq });
    case 'after':
      return http.messages(roomId, { limit: PAGE, after: page.seq });
    case 'around':
      return http.messages(roomId, { limit: PAGE, around: page.seq });
  }
}

/** Asked for before the list of rooms was answered, the page may lack what came between: it reaches the head, or is asked for again. */
async function newest(roomId: number, head: number): Promise<Message[]> {
  const early = isAsked(`/api/rooms/${roomId}/messages?limit=${PAGE}`);
  const rows = await http.messages(roomId, { limit: PAGE });
  return early && (rows.at(-1)?.seq ?? 0) < head ? http.messages(roomId, { limit: PAGE }) : rows;
}

function introduce(rows: readonly Message[]): void {
  const { users } = useChat.getState();
  const fresh = rows.filter((row) => row.user_id !== 0 && !users[row.user_id]);
  if (fresh.length === 0) return;
  const met = Object.fromEntries(fresh.map((row) => [row.user_id, { id: row.user_id, username: row.username }]));
  useChat.setState((chat) => ({ users: { ...met, ...chat.users } }));
}

function head(place: Place): number {
  return useChat.getState().cursors[roomOf(place)] ?? 0;
}

function heldAt(place: Place, at: number | 'latest'): Span | undefined {
  return spanAt(useChat.getState().logs[place] ?? EMPTY_LOG, at);
}

export function loadNewest(place: Place): Promise<void> {
  return load(place, { kind: 'newest', head: head(place) });
}

export function loadAround(place: Place, seq: number): Promise<void> {
  return load(place, { kind: 'around', seq, head: head(place) });
}

/** The page before the span that holds `at`. */
export async function loadBefore(place: Place, at: number | 'latest'): Promise<void> {
  const span = heldAt(place, at);
  if (span && span.from > 1) await load(place, { kind: 'before', seq: span.from });
}

/** The page after it. */
export async function loadAfter(place: Place, at: number): Promise<void> {
  const span = heldAt(place, at);
  if (span && span.to < head(place)) await load(place, { kind: 'after', seq: span.to, head: head(place) });
}

/** Lets go of what is before and after two positions of messages, in the span at `at`. What is read lies between them. */
export function trimAround(place: Place, at: number | 'latest', first: number, last: number): void {
  useChat.setState((chat) => keepBetween(chat, place, at, first, last), true);
}

/** Lets go of what does not reach the end of the log, so that the end is asked for again. */
export function backToEnd(place: Place): void {
  useChat.setState((chat) => keepEnd(chat, place, WINDOW), true);
}

/** So many places that were left are held, a page of each. */
const LEFT_KEPT = 50;
/** How many timelines show a place, in the order in which they were last entered or left. */
const visits = new Map<Place, number>();

function visit(place: Place, step: 1 | -1): void {
  const shown = (visits.get(place) ?? 0) + step;
  visits.delete(place);
  visits.set(place, shown);
}

/** A timeline shows a place; what is given back is called when it does not any more. */
export function enterPlace(place: Place): () => void {
  visit(place, 1);
  return () => {
    visit(place, -1);
    if (visits.get(place) === 0) useChat.setState((chat) => left(keepEnd(chat, place, PAGE)), true);
  };
}

function left(chat: Chat): Chat {
  const order = [...visits.keys()];
  // Those that were never entered on this page come first: the last visit left them here.
  const idle = placesOf(chat.logs)
    .filter((place) => !visits.get(place))
    .sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const extra = idle.slice(0, Math.max(0, idle.length - LEFT_KEPT));
  for (const place of extra) visits.delete(place);
  return extra.reduce(close, chat);
}
