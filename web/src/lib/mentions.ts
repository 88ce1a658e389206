/** Finds `@name` in plain text, with the letters the server takes for names. It does not know who exists. */

export interface TextPiece {
  readonly text: string;
  /** The name after the `@`, when this piece is one. */
  readonly name?: string;
}

// Chinese, Japanese and Korean are written without spaces: an ideograph does not join what follows it to a word.
const IN_WORD = /(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])[\p{L}\p{N}_]/u;
// A name may hold dots and hyphens but not end in one: "@maya." is maya and a full stop.
const MENTION = new RegExp(`(?<!${IN_WORD.source})@([\\p{L}\\p{N}_](?:[\\p{L}\\p{N}_.-]*[\\p{L}\\p{N}_])?)`, 'gu');

export function splitMentions(text: string): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(MENTION)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ text: match[0], name: match[1] ?? '' });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

const IDEOGRAPH = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u{20000}-\u{323af}]/gu;

/** The names a run of letters may mean, the longest first: "小明你好" may begin with 小明, as the server reads it too. */
export function namesWithin(run: string): readonly string[] {
  const ends = [...run.matchAll(IDEOGRAPH)].map((match) => match.index).filter((index) => index > 0);
  return [run, ...ends.reverse().map((end) => run.slice(0, end))];
}

const EVERYBODY = new Set(['room', 'all', 'everyone', 'here']);

/** Whether a name stands for all members of the room, as the server reads it. */
export function meansEverybody(name: string): boolean {
  return EVERYBODY.has(nameKey(name));
}

/** Two spellings of one name have one key, as on the server. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

// "std::move", "2001:db8::face" and "地址:home" name no emoji: its colon stands for itself, or behind another emoji.
const BEFORE_EMOJI = /[\s\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]|\ufe0f/u;

/** The `@…` or `:…` being typed right before the caret, for completion. */
export function wordBeforeCaret(
  text: string,
  caret: number,
  sign: '@' | ':',
): { readonly from: number; readonly word: string } | undefined {
  const head = text.slice(0, caret);
  const from = head.lastIndexOf(sign);
  if (from < 0) return undefined;
  const before = [...head.slice(Math.max(0, from - 2), from)].at(-1) ?? ' ';
  if (sign === ':' && !BEFORE_EMOJI.test(before)) return undefined;
  const word = head.slice(from + 1);
  if (IN_WORD.test(before) || !/^[\p{L}\p{N}_.+-]*$/u.test(word) || word.length > 32) return undefined;
  return { from, word };
}
