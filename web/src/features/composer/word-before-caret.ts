/** What is being typed before the caret, for completion. */
import { IN_WORD } from '../../lib/mentions';

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
