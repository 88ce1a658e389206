/** What I have changed in messages that are stored, until the server has it: as data for the views. `net/changes` tells it. */
import { create } from 'zustand';
import type { Message } from '../gen/wire';

export interface Change {
  readonly id: string;
  readonly message_id: number;
  readonly kind: 'edit' | 'recall';
  /** The new text of an edit. */
  readonly content: string;
  readonly created_at: string;
  readonly state: 'queued' | 'sending' | 'failed';
  /** The server's word for why, and its sentence. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

export interface ChangesState {
  readonly entries: readonly Change[];
}

export const useChanges = create<ChangesState>(() => ({ entries: [] }));

/** What was last done to a message and is not settled. */
export function changeOf(entries: readonly Change[], messageId: number): Change | undefined {
  return entries.findLast((entry) => entry.message_id === messageId);
}

/** The message as it is going to be; what was refused leaves it as it is. */
export function withChange(message: Message, change: Change | undefined): Message {
  if (!change || change.state === 'failed' || message.recalled_at) return message;
  return change.kind === 'edit'
    ? { ...message, content: change.content, edited_at: change.created_at, mention_spans: [] }
    : {
        ...message,
        content: '',
        recalled_at: change.created_at,
        mentions: [],
        mentions_room: false,
        mention_spans: [],
      };
}
