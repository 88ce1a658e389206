/**
 * Keeps what rooms hold for the next visit, a moment after it came. Not how it is stored: that is the cache's.
 */
import { Wait } from '../lib/wait';
import { OWN_LOG, placeOf, rowsOf, spanAt, useChat, useSession } from '../state';
import { cache } from './cache';

const SAVE_AFTER_MS = 1500;

/** Rooms that moved on since they were kept. */
const unsaved = new Set<number>();
const pause = new Wait();

/** A room moved on: soon it is kept anew, together with others that did. */
export function keep(roomId: number): void {
  unsaved.add(roomId);
  pause.start(SAVE_AFTER_MS, () => {
    for (const id of unsaved) saveTail(id);
    unsaved.clear();
    void cache.saveRooms(Object.values(useChat.getState().rooms).filter((room) => room.my_role));
    keepAccount();
  });
}

/**
 * Keeps whose this is and how far one's own log is held, in its epoch. After the rooms: the log may lag behind the marks that it
 * tells of, never the other way round.
 */
export function keepAccount(): void {
  const { me } = useSession.getState();
  const { epoch, cursors } = useChat.getState();
  if (me) void cache.saveAccount(me, epoch, cursors[OWN_LOG]);
}

/** What was not kept yet will not be. */
export function forgetUnsaved(): void {
  pause.stop();
  unsaved.clear();
}

/** Keeps the newest messages of a room for the next visit, if they are complete up to the cursor. */
export function saveTail(roomId: number): void {
  const chat = useChat.getState();
  const place = placeOf(roomId);
  const span = spanAt(chat.logs[place] ?? [], 'latest');
  if (chat.epoch === null || !span || span.to !== chat.cursors[roomId] || span.ids.length === 0) return;
  void cache.saveTail(roomId, chat.epoch, { from: span.from, to: span.to, rows: rowsOf(chat, place, span) });
}
