/** What the words in the field ask for: `@` for people, `#` for rooms. Pure. */

export interface Wanted {
  readonly words: string;
  /** Undefined for everything. */
  readonly kind: 'person' | 'room' | undefined;
}

export function wantedBy(query: string): Wanted {
  const words = query.trim();
  // As an input method for Chinese writes them, too.
  if (/^[@＠]/.test(words)) return { words: words.slice(1).trim(), kind: 'person' };
  if (/^[#＃]/.test(words)) return { words: words.slice(1).trim(), kind: 'room' };
  return { words, kind: undefined };
}
