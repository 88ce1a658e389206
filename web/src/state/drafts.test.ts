import { describe, expect, test } from 'vitest';
import type { ReplyQuote } from '../gen/wire';
import { type Draft, type DraftEvent, draftAfter, EMPTY_DRAFT } from './drafts';

const reply: ReplyQuote = { message_id: 9, seq: 9, user_id: 2, username: 'maya', content: 'x', recalled: false };
const play = (draft: Draft, ...events: DraftEvent[]) => events.reduce(draftAfter, draft);
const wrote = (text: string): DraftEvent => ({ type: 'wrote', text });
const edited = (id: number, original: string): DraftEvent => ({ type: 'edited', id, original });
const tookBack = (text: string): DraftEvent => ({ type: 'took_back', text });
const sent: DraftEvent = { type: 'sent' };
const cancelled: DraftEvent = { type: 'cancelled' };
const replied: DraftEvent = { type: 'replied', reply };

describe('nothing that was written is lost or overwritten', () => {
  test('a refused message taken back joins the draft', () => {
    expect(play(EMPTY_DRAFT, wrote('draft'), tookBack('refused')).text).toBe('refused\ndraft');
    expect(play(EMPTY_DRAFT, tookBack('refused')).text).toBe('refused');
  });

  test('a refused message taken back during an edit does not become the edit, and the edit comes back', () => {
    const draft = play(EMPTY_DRAFT, edited(5, 'old'), wrote('new'), tookBack('refused'));
    expect(draft).toMatchObject({ text: 'refused' });
    expect(draft.editing).toBeUndefined();
    expect(play(draft, sent)).toMatchObject({ text: 'new', editing: { id: 5 } });
  });

  test('an edit pushes the draft with its answer aside, and gives it back saved or cancelled', () => {
    const draft = play(EMPTY_DRAFT, wrote('draft'), replied);
    for (const end of [sent, cancelled]) {
      expect(play(draft, edited(5, 'old'), wrote('new'), end)).toEqual(draft);
    }
  });

  test('an edit begun over a changed one keeps it', () => {
    const draft = play(EMPTY_DRAFT, edited(5, 'five'), wrote('five!'), edited(6, 'six'), sent);
    expect(draft).toMatchObject({ text: 'five!', editing: { id: 5 } });
    expect(play(EMPTY_DRAFT, edited(5, 'five'), edited(6, 'six'), sent)).toEqual(EMPTY_DRAFT);
  });

  test('the words of a refused edit come back as that edit, and what was in the box after them', () => {
    const refused: DraftEvent = { type: 'edited', id: 5, original: 'old', text: 'refused' };
    const back = play(EMPTY_DRAFT, wrote('draft'), refused);
    expect(back).toMatchObject({ text: 'refused', editing: { id: 5, original: 'old' } });
    expect(play(back, sent).text).toBe('draft');
    const over = play(EMPTY_DRAFT, edited(5, 'old'), wrote('newer'), refused);
    expect(over.text).toBe('refused');
    expect(play(over, sent)).toMatchObject({ text: 'newer', editing: { id: 5 } });
  });

  test('an answer begun during an edit is no edit', () => {
    const draft = play(EMPTY_DRAFT, edited(5, 'old'), wrote('new'), replied, wrote('yes'));
    expect(draft.editing).toBeUndefined();
    expect(play(draft, sent)).toMatchObject({ text: 'new', editing: { id: 5 } });
  });

  test('the same message edited again is the same edit', () => {
    expect(play(EMPTY_DRAFT, edited(5, 'old'), wrote('new'), edited(5, 'old')).text).toBe('new');
  });

  test('no word is lost by any five events, but those cancelled or sent', () => {
    const events = [wrote('w'), edited(5, 'e'), tookBack('t'), replied];
    const words = (draft: Draft | undefined): string => (draft ? draft.text + words(draft.kept) : '');
    const walk = (draft: Draft, depth: number) => {
      for (const event of depth > 0 ? events : []) {
        const next = draftAfter(draft, event);
        // What is typed replaces what stood in the box; everything else only adds.
        if (event.type !== 'wrote') {
          const changed = (held: Draft) => (held.editing && held.text === held.editing.original ? '' : held.text);
          for (let held: Draft | undefined = draft; held; held = held.kept)
            expect(words(next)).toContain(changed(held));
        }
        walk(next, depth - 1);
      }
    };
    walk(EMPTY_DRAFT, 5);
  });
});

test('cancelling ends an answer, keeps the words, and brings back what is below an empty box', () => {
  expect(play(EMPTY_DRAFT, wrote('w'), replied, cancelled)).toMatchObject({ text: 'w', reply: undefined });
  expect(play(EMPTY_DRAFT, wrote('w'), cancelled).text).toBe('w');
  const below = play(EMPTY_DRAFT, edited(5, 'old'), wrote('new'), tookBack('t'), wrote(''), cancelled);
  expect(below).toMatchObject({ text: 'new', editing: { id: 5 } });
});
