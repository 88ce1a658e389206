/**
 * What is told of one's own sends and changes to oneself alone. Not when they are sent: that is the queue's.
 */
import type { Message } from '../gen/wire';
import { messageOf, useChat, useSession } from '../state';
import { revise } from '../state/messages';

/** Client ids of rows that were confirmed and have not come yet. */
const confirmed = new Map<number, string>();

/** Which row a send became is told to its sender alone; the row keeps it, so that it stays the same row on the page. */
export function learnOwnRow(roomId: number, id: number, seq: number, clientId = confirmed.get(id)): void {
  if (!clientId) return;
  const held = messageOf(useChat.getState(), roomId, id);
  if (!held) {
    confirmed.set(id, clientId);
    return;
  }
  confirmed.delete(id);
  if (held.client_id || held.user_id !== useSession.getState().me?.id) return;
  useChat.setState((chat) => revise(chat, { roomId, id, seq }, (one) => ({ ...one, client_id: clientId })), true);
}

/** The answer to a change may be here before its frame: without it the row would be its old self for a moment. */
export function learnChanged(row: Message): void {
  const {
    id,
    room_id: roomId,
    content,
    attachments,
    edited_at,
    recalled_at,
    mentions,
    mentions_room,
    mention_spans,
  } = row;
  useChat.setState((chat) => {
    // Its own position is not known yet, only that it comes after everything that was told.
    const seq = (chat.cursors[roomId] ?? 0) + 1;
    const held = messageOf(chat, roomId, id);
    // The frame may have been faster.
    if (!held || (held.edited_at === edited_at && held.recalled_at === recalled_at)) return chat;
    return revise(chat, { roomId, id, seq }, (one) => ({
      ...one,
      content,
      attachments,
      edited_at,
      recalled_at,
      mentions,
      mentions_room,
      mention_spans,
    }));
  }, true);
}

export function forgetConfirmed(): void {
  confirmed.clear();
}
