/** What I have said and the server has not confirmed yet, as data for the views. `net/outbox` does the sending. */
import { create } from 'zustand';
import type { Message, ReplyQuote } from '../gen/wire';
import { type Place, placeOf } from './place';

export interface Pending {
  readonly client_id: string;
  readonly room_id: number;
  /** The thread it is said in; absent for the room itself. */
  readonly thread?: number | undefined;
  readonly user_id: number;
  readonly content: string;
  readonly created_at: string;
  readonly reply_to?: ReplyQuote | undefined;
  /** `sent` is confirmed and stays only until its row arrives. */
  readonly state: 'queued' | 'sending' | 'sent' | 'failed';
  /** The server's word for why, and its sentence. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly seq?: number | undefined;
  /** Where the room stood here when it first went out: its row comes after that. */
  readonly sent_after?: number | undefined;
}

export interface OutboxState {
  readonly entries: readonly Pending[];
}

export const useOutbox = create<OutboxState>(() => ({ entries: [] }));

const NONE: readonly Pending[] = [];

/** A place's pending sends that the timeline does not show as rows already. */
export function pendingOf(entries: readonly Pending[], place: Place, rows: readonly Message[]): readonly Pending[] {
  const mine = entries.filter((entry) => placeOf(entry.room_id, entry.thread) === place);
  if (mine.length === 0) return NONE;
  // Until the answer tells which row it became, one's own row with the same words stands for what is on its way.
  const taken = new Set<Message>();
  return mine.filter((entry) => {
    const row = rows.find((one) => !taken.has(one) && standsFor(one, entry));
    if (row) taken.add(row);
    return !row;
  });
}

function standsFor(row: Message, entry: Pending): boolean {
  if (row.user_id !== entry.user_id) return false;
  if (row.client_id) return row.client_id === entry.client_id;
  return entry.sent_after !== undefined && row.seq > entry.sent_after && row.content === entry.content;
}
