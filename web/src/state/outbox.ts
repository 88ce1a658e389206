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
  const shown = new Set(rows.map((row) => row.client_id));
  return mine.filter((entry) => !shown.has(entry.client_id));
}
