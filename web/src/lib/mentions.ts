/** What is being typed before the caret, for completion. Whom a text calls in the end, the server says. */

// Chinese, Japanese and Korean are written without spaces: an ideograph does not join what follows it to a word.
const IN_WORD = /(?![\ufe0f\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])[\p{L}\p{M}\p{N}_]/u;
const EVERYBODY = new RegExp(
  `(?<!${IN_WORD.source})[@＠](?:room|all|everyone|here|所有人|全体成员|全體成員)(?![-_]*${IN_WORD.source})`,
  'giu',
);

/** Where a text may call everybody, as far as that can be told before the server has read it. */
export function everybodyIn(text: string): readonly number[] {
  return [...text.matchAll(EVERYBODY)].map(({ index }) => index);
}

// "std::move", "2001:db8::face" and "地址:home" name no emoji: its colon stands for itself, or behind another emoji.
const BEFORE_EMOJI = /[\s\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}]|\ufe0f/u;

/** The `@…`, of either width, or `:…` being typed right before the caret. */
export function wordBeforeCaret(
  text: string,
  caret: number,
  sign: '@' | ':',
): { readonly from: number; readonly word: string } | undefined {
  const head = text.slice(0, caret);
  const from = Math.max(head.lastIndexOf(sign), sign === '@' ? head.lastIndexOf('＠') : -1);
  if (from < 0) return undefined;
  const before = [...head.slice(Math.max(0, from - 2), from)].at(-1) ?? ' ';
  if (sign === ':' && !BEFORE_EMOJI.test(before)) return undefined;
  const word = head.slice(from + 1);
  if (IN_WORD.test(before) || !/^[\p{L}\p{M}\p{N}_.+-]*$/u.test(word) || word.length > 32) return undefined;
  return { from, word };
}
