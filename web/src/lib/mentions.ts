/** Where a text may call somebody. Whom it calls in the end, the server says. */

// Chinese, Japanese and Korean are written without spaces: an ideograph does not join what follows it to a word.
export const IN_WORD =
  /(?![\ufe0f\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])[\p{L}\p{M}\p{N}_]/u;
const EVERYBODY = new RegExp(
  `(?<!${IN_WORD.source})[@＠](?:room|all|everyone|here|所有人|全体成员|全體成員)(?![-_]*${IN_WORD.source})`,
  'giu',
);

/** Where a text may call everybody, as far as that can be told before the server has read it. */
export function everybodyIn(text: string): readonly number[] {
  return [...text.matchAll(EVERYBODY)].map(({ index }) => index);
}
