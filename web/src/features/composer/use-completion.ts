/** Completion of `@name` and `:emoji:` in the field, by keyboard and pointer. */
import { type KeyboardEvent, type RefObject, useEffect, useId, useMemo, useState } from 'react';
import { useLocale } from 'use-intl';
import type { Room } from '../../gen/wire';
import { keyAction } from '../../lib/keys';
import { http, seat } from '../../net';
import { useChat, useLoads } from '../../state';
import { inCode, replaceRange, shortcodeBefore } from './caret';
import { type Choice, MOST, type OfferedEmoji, suggestPeople, wordsOf } from './suggestions';
import { wordBeforeCaret } from './word-before-caret';

export interface CompletionOptions {
  room: Room;
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  me: number;
  put(text: string, start: number, end: number): void;
  search?: ((word: string, locale: string) => Promise<readonly OfferedEmoji[]>) | undefined;
}

const NONE: readonly Choice[] = [];
/** Members that the server is asked for by a name. */
const NAMED = 50;
/** One letter after a colon is more often a smiley than a search. */
const SHORTEST_EMOJI = 2;

/** What the field hands on of what happens in it. */
export interface CompletionKeys {
  /** True when the key was the list's. */
  onKeyDown(event: KeyboardEvent): boolean;
  /** What an input method commits by a click moves the caret with no key and no pointer in the field. */
  onInput(caret: number): void;
  onSelect(): void;
  close(): void;
  /** The second colon of `:name:` was typed: who knows the name does not wait for the list. */
  finish(written: string, end: number): void;
}

export function useCompletion({ room, field, text, me, put, search }: CompletionOptions) {
  const listId = useId();
  const locale = useLocale();
  const [caret, setCaret] = useState(() => field.current?.selectionStart ?? 0);
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState<string>();
  const [focused, setFocused] = useState(() => document.activeElement === field.current);
  const [found, setFound] = useState<{ word: string; choices: readonly Choice[] }>({ word: '', choices: NONE });
  const members = useChat((chat) => chat.members[room.id]);
  const users = useChat((chat) => chat.users);

  const { person, emoji } = useMemo(() => {
    if (inCode(text, caret)) return {};
    const person = wordBeforeCaret(text, caret, '@');
    return person ? { person } : { emoji: wordBeforeCaret(text, caret, ':') };
  }, [text, caret]);
  const emojiWord = emoji && emoji.word.length >= SHORTEST_EMOJI ? emoji.word : undefined;

  useEffect(() => {
    if (!emojiWord || !search) return;
    let stale = false;
    void search(emojiWord, locale)
      .then((list) => {
        if (stale) return;
        const choices = list.slice(0, 8).map((one): Choice => ({ kind: 'emoji', ...one }));
        setFound({ word: emojiWord, choices });
      })
      .catch(() => undefined);
    return () => {
      stale = true;
    };
  }, [emojiWord, locale, search]);

  const choices = useMemo(() => {
    if (person) {
      const here = members?.map((member) => users[member.user.id] ?? member.user) ?? room.peers;
      return suggestPeople(here, person.word, me);
    }
    return emojiWord && found.word === emojiWord ? found.choices : NONE;
  }, [person, members, users, room.peers, me, emojiWord, found]);

  // Of a big room only the first members are here; the server knows the others by name.
  const isWhole = useLoads((loads) => loads.membersFrom[room.id] === undefined);
  const name = isWhole || choices.length >= MOST ? '' : (person?.word ?? '');
  useEffect(() => {
    if (name === '') return;
    let stale = false;
    void http
      .members(room.id, NAMED, undefined, name)
      .then((page) => stale || seat(room.id, page, true))
      .catch(() => undefined);
    return () => {
      stale = true;
    };
  }, [name, room.id]);

  const at = person ?? emoji;
  const mark = at ? `${at.from}` : undefined;
  const open = focused && at !== undefined && choices.length > 0 && dismissed !== mark;
  const current = Math.min(active, choices.length - 1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another word starts from its best match
  useEffect(() => setActive(0), [at?.word, mark]);
  useEffect(() => {
    if (mark === undefined) setDismissed(undefined);
  }, [mark]);

  const pick = (choice: Choice) => {
    if (!at) return;
    const next = replaceRange({ text }, at.from, caret, wordsOf(choice));
    put(next.text, next.start, next.end);
  };

  const keys: CompletionKeys = {
    finish: (written, end) => {
      const code = inCode(written, end) ? undefined : shortcodeBefore(written, end);
      if (!code || !search) return;
      void search(code.name, locale)
        .then((list) => {
          const hit = list.find((one) => one.name === code.name);
          // What was written meanwhile is not to be lost.
          if (!hit || field.current?.value !== written) return;
          const next = replaceRange({ text: written }, code.from, end, hit.emoji);
          put(next.text, next.start, next.end);
        })
        .catch(() => undefined);
    },
    close: () => setFocused(false),
    onInput: setCaret,
    onSelect: () => {
      setFocused(true);
      setCaret(field.current?.selectionStart ?? 0);
    },
    onKeyDown: (event) => {
      if (!open) return false;
      const choice = choices[current];
      const action = keyAction('list', event.nativeEvent);
      if (action === 'next') setActive((current + 1) % choices.length);
      else if (action === 'previous') setActive((current - 1 + choices.length) % choices.length);
      else if ((action === 'take' || action === 'complete') && choice) pick(choice);
      else if (action === 'leave') setDismissed(mark);
      else return false;
      event.preventDefault();
      return true;
    },
  };
  return { open, listId, choices, active: current, activeId: `${listId}-${current}`, pick, setActive, keys };
}
