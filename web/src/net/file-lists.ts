/** Files of messages, of one room or of all that may be read, page by page. No state is kept here. */
import type { FileCategory, FileRows, NextFiles } from '../gen/wire';
import { useChat } from '../state';
import { call } from './api';
import { lookAtRoom } from './commands';

/** Which files are wanted. */
export interface FilesWanted {
  /** None for all rooms. */
  readonly roomId?: number | undefined;
  readonly category?: FileCategory | undefined;
  /** What their names contain. */
  readonly words: string;
}

const FILES_PAGE = 50;
const TIMEOUT_MS = 20_000;

/** The page that begins behind `from`, which the one before it told; `unwanted` ends it. */
export function listFiles(
  { roomId, category, words }: FilesWanted,
  from: NextFiles | undefined,
  unwanted: AbortSignal,
): Promise<FileRows> {
  const signal = AbortSignal.any([unwanted, AbortSignal.timeout(TIMEOUT_MS)]);
  const query = { limit: FILES_PAGE, category, ...(words === '' ? {} : { query: words }), ...from };
  return roomId === undefined
    ? call('get', '/api/files', { query, signal })
    : call('get', '/api/rooms/{id}/files', { path: { id: roomId }, query, signal });
}

const asked = new Set<number>();

/** What a room is called that is not mine is asked for, once. */
export function meetRoom(roomId: number): void {
  if (asked.has(roomId) || useChat.getState().rooms[roomId]) return;
  asked.add(roomId);
  lookAtRoom(roomId).catch(() => asked.delete(roomId));
}
