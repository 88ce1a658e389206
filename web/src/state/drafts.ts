/** What is being written in each room and has not been sent: text, and the message it answers or changes. */
import { create } from 'zustand';
import type { ReplyQuote } from '../gen/wire';

export interface Draft {
  readonly text: string;
  readonly reply?: ReplyQuote | undefined;
  /** A message being changed; `kept` is the draft it pushed aside, which comes back afterwards. */
  readonly editing?: { readonly id: number; readonly original: string; readonly kept: string } | undefined;
}

export interface DraftState {
  readonly rooms: Readonly<Record<number, Draft>>;
}

export const EMPTY_DRAFT: Draft = { text: '' };
export const useDrafts = create<DraftState>(() => ({ rooms: {} }));

export function draftOf(state: DraftState, roomId: number): Draft {
  return state.rooms[roomId] ?? EMPTY_DRAFT;
}

export function setDraft(roomId: number, change: Partial<Draft>): void {
  useDrafts.setState((state) => {
    const next = { ...draftOf(state, roomId), ...change };
    const empty = next.text === '' && !next.reply && !next.editing;
    const { [roomId]: _old, ...rest } = state.rooms;
    return { rooms: empty ? rest : { ...rest, [roomId]: next } };
  });
}

export function startReply(roomId: number, reply: ReplyQuote): void {
  setDraft(roomId, { reply });
}

export function startEdit(roomId: number, id: number, original: string): void {
  const draft = draftOf(useDrafts.getState(), roomId);
  setDraft(roomId, { text: original, editing: { id, original, kept: draft.editing?.kept ?? draft.text } });
}

/** Ends an edit or a reply, whichever is under way; true when there was one. */
export function cancelDraftMode(roomId: number): boolean {
  const draft = draftOf(useDrafts.getState(), roomId);
  if (draft.editing) {
    setDraft(roomId, { editing: undefined, text: draft.editing.kept });
    return true;
  }
  if (draft.reply) {
    setDraft(roomId, { reply: undefined });
    return true;
  }
  return false;
}
