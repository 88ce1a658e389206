/** What fits the `@…` or `:…` being typed. Ranking only; the people and the emoji come from outside. */
import { nameOf } from '../../state';

export interface PersonChoice {
  readonly kind: 'person';
  readonly id: number;
  readonly username: string;
  readonly name: string;
  readonly picture?: string | undefined;
}
export interface EveryoneChoice {
  readonly kind: 'everyone';
}
/** What the emoji feature finds for a word. */
export interface OfferedEmoji {
  /** What is written for it. */
  readonly emoji: string;
  readonly name: string;
  /** Where its picture lies, if it is one of the place's own. */
  readonly picture?: string | undefined;
}
export interface EmojiChoice extends OfferedEmoji {
  readonly kind: 'emoji';
}
export type Choice = PersonChoice | EveryoneChoice | EmojiChoice;

/** So many are shown. */
export const MOST = 8;

interface Candidate {
  readonly id: number;
  readonly username: string;
  readonly display_name?: string | undefined;
  readonly avatar_url?: string | undefined;
}

function rank(candidate: Candidate, word: string): number {
  const username = candidate.username.toLocaleLowerCase();
  const name = nameOf(candidate).toLocaleLowerCase();
  if (username === word) return 0;
  if (username.startsWith(word) || name.startsWith(word)) return 1;
  if (name.split(/\s+/).some((part) => part.startsWith(word))) return 2;
  if (username.includes(word) || name.includes(word)) return 3;
  return Number.POSITIVE_INFINITY;
}

export function suggestPeople(candidates: readonly Candidate[], word: string, me: number): readonly Choice[] {
  const wanted = word.toLocaleLowerCase();
  const people: Choice[] = candidates
    .filter((candidate) => candidate.id !== me)
    .map((candidate) => ({ candidate, score: rank(candidate, wanted) }))
    .filter(({ score }) => Number.isFinite(score))
    .sort((a, b) => a.score - b.score || nameOf(a.candidate).localeCompare(nameOf(b.candidate)))
    .slice(0, MOST)
    .map(({ candidate }) => ({
      kind: 'person',
      id: candidate.id,
      username: candidate.username,
      name: nameOf(candidate),
      picture: candidate.avatar_url,
    }));
  return wanted !== '' && 'room'.startsWith(wanted) ? [...people, { kind: 'everyone' }] : people;
}

/** What is written into the text for a choice. */
export function wordsOf(choice: Choice): string {
  switch (choice.kind) {
    case 'person':
      return `@${choice.username} `;
    case 'everyone':
      return '@room ';
    case 'emoji':
      return `${choice.emoji} `;
  }
}
