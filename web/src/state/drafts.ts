/** What is being written in each place and has not been sent: text, and the message it answers or changes. */
import { create } from 'zustand';
import type { ReplyQuote } from '../gen/wire';
import type { Place } from './place';

export interface Draft {
  readonly text: string;
  readonly reply?: ReplyQuote | undefined;
  /** A message being changed; `kept` is the draft it pushed aside, which comes back afterwards. */
  readonly editing?: { readonly id: number; readonly original: string; readonly kept: string } | undefined;
}

export interface DraftState {
  readonly places: Readonly<Record<Place, Draft>>;
}

export const EMPTY_DRAFT: Draft = { text: '' };
export const useDrafts = create<DraftState>(() => ({ places: {} }));

export function draftOf(state: DraftState, place: Place): Draft {
  return state.places[place] ?? EMPTY_DRAFT;
}

export function setDraft(place: Place, change: Partial<Draft>): void {
  useDrafts.setState((state) => {
    const next = { ...draftOf(state, place), ...change };
    const empty = next.text === '' && !next.reply && !next.editing;
    const { [place]: _old, ...rest } = state.places;
    return { places: empty ? rest : { ...rest, [place]: next } };
  });
}

export function startReply(place: Place, reply: ReplyQuote): void {
  setDraft(place, { reply });
}

export function startEdit(place: Place, id: number, original: string): void {
  const draft = draftOf(useDrafts.getState(), place);
  setDraft(place, { text: original, editing: { id, original, kept: draft.editing?.kept ?? draft.text } });
}

/** Ends an edit or a reply, whichever is under way; true when there was one. */
export function cancelDraftMode(place: Place): boolean {
  const draft = draftOf(useDrafts.getState(), place);
  if (draft.editing) {
    setDraft(place, { editing: undefined, text: draft.editing.kept });
    return true;
  }
  if (draft.reply) {
    setDraft(place, { reply: undefined });
    return true;
  }
  return false;
}
