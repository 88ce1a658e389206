/** Pages of a room's history, by HTTP, into the room's log. It decides what to ask for; the views decide when. */
import type { Message } from '../gen/wire';
import { cover, EMPTY_LOG, type Loading, spanAt, spanOfPage, trim, useChat, useLoads } from '../state';
import type { Page } from '../state/log';
import { ApiError, http } from './http';
import { forgetRoom, saveTail } from './live';

export const PAGE = 50;
/** Rows of one room held while one is at its end. */
export const WINDOW = 500;

type Direction = 'newest' | 'before' | 'after' | 'around';

export function loadKey(roomId: number, direction: Direction): string {
  return `${roomId}:${direction}`;
}

function mark(key: string, loading: Loading): void {
  useLoads.setState((loads) => ({ history: { ...loads.history, [key]: loading } }));
}

async function load(roomId: number, page: Page): Promise<void> {
  const key = loadKey(roomId, page.kind);
  if (useLoads.getState().history[key] === 'loading') return;
  mark(key, 'loading');
  const epoch = useChat.getState().epoch;
  try {
    const rows = await ask(roomId, page);
    const chat = useChat.getState();
    // An answer from before a restart of the log has positions that mean nothing now.
    if (chat.epoch === epoch || epoch === null) {
      const span = spanOfPage(page, rows, PAGE);
      const log = chat.logs[roomId] ?? EMPTY_LOG;
      if (span) useChat.setState({ logs: { ...chat.logs, [roomId]: cover(log, span) } });
      introduce(rows);
      if (page.kind === 'newest') saveTail(roomId);
    }
    mark(key, 'ready');
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) forgetRoom(roomId);
    mark(key, 'failed');
  }
}

function ask(roomId: number, page: Page): Promise<Message[]> {
  switch (page.kind) {
    case 'newest':
      return http.messages(roomId, { limit: PAGE });
    case 'before':
      return http.messages(roomId, { limit: PAGE, before: page.seq });
    case 'after':
      return http.messages(roomId, { limit: PAGE, after: page.seq });
    case 'around':
      return http.messages(roomId, { limit: PAGE, around: page.seq });
  }
}

function introduce(rows: readonly Message[]): void {
  const { users } = useChat.getState();
  const fresh = rows.filter((row) => row.user_id !== 0 && !users[row.user_id]);
  if (fresh.length === 0) return;
  const met = Object.fromEntries(fresh.map((row) => [row.user_id, { id: row.user_id, username: row.username }]));
  useChat.setState((chat) => ({ users: { ...met, ...chat.users } }));
}

function head(roomId: number): number {
  return useChat.getState().cursors[roomId] ?? 0;
}

export function loadNewest(roomId: number): Promise<void> {
  return load(roomId, { kind: 'newest', head: head(roomId) });
}

export function loadAround(roomId: number, seq: number): Promise<void> {
  return load(roomId, { kind: 'around', seq });
}

/** The page before the span that holds `at`. */
export async function loadBefore(roomId: number, at: number | 'latest'): Promise<void> {
  const span = spanAt(useChat.getState().logs[roomId] ?? EMPTY_LOG, at);
  if (span && span.from > 1) await load(roomId, { kind: 'before', seq: span.from });
}

/** The page after it. */
export async function loadAfter(roomId: number, at: number): Promise<void> {
  const span = spanAt(useChat.getState().logs[roomId] ?? EMPTY_LOG, at);
  if (span && span.to < head(roomId)) await load(roomId, { kind: 'after', seq: span.to, head: head(roomId) });
}

/** Lets go of rows far above the end. */
export function trimToEnd(roomId: number): void {
  const log = useChat.getState().logs[roomId];
  const next = log && trim(log, WINDOW);
  if (next && next !== log) useChat.setState((chat) => ({ logs: { ...chat.logs, [roomId]: next } }));
}
