/**
 * What is being written in each place and has not been sent: text, and the message it answers or changes. One table says what
 * becomes of it; nothing in it may lose or overwrite a word.
 */
import { create } from 'zustand';
import type { ReplyQuote } from '../gen/wire';
import type { Place } from './place';

export interface Draft {
  readonly text: string;
  readonly reply?: ReplyQuote | undefined;
  /** A message being changed. */
  readonly editing?: { readonly id: number; readonly original: string } | undefined;
  /** What this one pushed aside; it comes back afterwards. */
  readonly kept?: Draft | undefined;
}

export interface DraftState {
  readonly places: Readonly<Record<Place, Draft>>;
  /** Where this tab wrote. Of the others what the disk has is as good: another tab may have written it. */
  readonly written: readonly Place[];
}

export type DraftEvent =
  | { readonly type: 'wrote'; readonly text: string }
  | { readonly type: 'replied'; readonly reply: ReplyQuote }
  /** A stored message; with what an edit made of it that was refused. */
  | { readonly type: 'edited'; readonly id: number; readonly original: string; readonly text?: string }
  /** A refused message is put back into the box. */
  | { readonly type: 'took_back'; readonly text: string; readonly reply?: ReplyQuote | undefined }
  | { readonly type: 'cancelled' }
  /** Sent or saved. */
  | { readonly type: 'sent' };

export const EMPTY_DRAFT: Draft = { text: '' };

/** The table: a draft, what happens to it, the next draft. */
export function draftAfter(draft: Draft, event: DraftEvent): Draft {
  switch (event.type) {
    case 'wrote':
      return { ...draft, text: event.text };
    case 'replied':
      if (!draft.editing) return { ...draft, reply: event.reply };
      return { text: '', reply: event.reply, kept: aside(draft) };
    case 'edited':
      if (draft.editing?.id === event.id && event.text === undefined) return draft;
      return {
        text: event.text ?? event.original,
        editing: { id: event.id, original: event.original },
        kept: aside(draft),
      };
    case 'took_back':
      if (draft.editing) return { text: event.text, reply: event.reply, kept: aside(draft) };
      if (draft.text.trim() === '') return { ...draft, text: event.text, reply: event.reply ?? draft.reply };
      return { ...draft, text: `${event.text}\n${draft.text}`, reply: draft.reply ?? event.reply };
    case 'cancelled':
      if (draft.editing) return draft.kept ?? EMPTY_DRAFT;
      if (draft.reply) return { ...draft, reply: undefined };
      return draft.text === '' && draft.kept ? draft.kept : draft;
    case 'sent':
      return draft.kept ?? EMPTY_DRAFT;
  }
}

/** What is worth keeping of a draft that is pushed aside: an edit that changed nothing yet is not, nor an empty box. */
function aside(draft: Draft): Draft | undefined {
  const untouched = draft.editing ? draft.text === draft.editing.original : draft.text === '' && !draft.reply;
  return untouched ? draft.kept : draft;
}

export const useDrafts = create<DraftState>(() => ({ places: {}, written: [] }));

export function draftOf(state: DraftState, place: Place): Draft {
  return state.places[place] ?? EMPTY_DRAFT;
}

/** True where the draft is another one afterwards. */
export function toDraft(place: Place, event: DraftEvent): boolean {
  const state = useDrafts.getState();
  const before = draftOf(state, place);
  const next = draftAfter(before, event);
  if (next === before) return false;
  const empty = next.text === '' && !next.reply && !next.editing && !next.kept;
  const { [place]: _old, ...rest } = state.places;
  useDrafts.setState({
    places: empty ? rest : { ...rest, [place]: next },
    written: state.written.includes(place) ? state.written : [...state.written, place],
  });
  return true;
}
