/**
 * Asks the server for the counts of a room that cannot be counted here. Which those are is `state/counts`'s to say.
 */
import { useChat } from '../state';
import { admitRoom } from '../state/rooms';
import { http } from './http';

const RECOUNT_MS = 1000;

/** Rooms whose counts the server is about to be asked for. */
const recounting = new Set<number>();

/** Not everybody at once asks about a message that everybody was named in. */
export function recountSoon(roomId: number): void {
  if (recounting.has(roomId)) return;
  recounting.add(roomId);
  setTimeout(
    () => {
      recounting.delete(roomId);
      void recount(roomId);
    },
    RECOUNT_MS * (1 + Math.random()),
  );
}

async function recount(roomId: number): Promise<void> {
  if (!isDoubted(roomId)) return;
  // The next connection asks for all of them.
  const answer = await http.room(roomId).catch(() => undefined);
  if (answer && isDoubted(roomId)) useChat.setState((chat) => admitRoom(chat, answer), true);
  // It was overtaken by what the socket told.
  if (answer && isDoubted(roomId)) recountSoon(roomId);
}

function isDoubted(roomId: number): boolean {
  return useChat.getState().tallies[roomId]?.doubted === true;
}
