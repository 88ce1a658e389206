/** What stands around the caret: wanted with the first key. Pure. */
import { endsInCode } from '../../lib/markdown';
import { everybodyIn } from '../../lib/mentions';

export interface Edit {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What the keys and buttons of formatting put around the words. */
export const SIGNS = { bold: '**', italic: '_', code: '`', strike: '~~' } as const;

/** Whether a place is inside a block of code that has not ended. */
export function inFence(text: string, at: number): boolean {
  return endsInCode(text.slice(0, at));
}

/** Whether a place is in code, or after a backtick that has no other yet: what is written there names nobody and nothing. */
export function inCode(text: string, at: number): boolean {
  if (inFence(text, at)) return true;
  let open = '';
  for (const [run] of text.slice(text.lastIndexOf('\n', at - 1) + 1, at).matchAll(/`+/g)) {
    if (open === '') open = run;
    else if (open === run) open = '';
  }
  return open !== '';
}

/** The `:name:` that ends at a place and stands for itself, with where it begins. */
export function shortcodeBefore(text: string, end: number): { from: number; name: string } | undefined {
  const name = text.slice(0, end).match(/(?:^|\s):([\w+-]{2,}):$/)?.[1];
  return name === undefined ? undefined : { from: end - name.length - 2, name };
}

/** Replaces what stands between two places and puts the caret behind it. */
export function replaceRange({ text }: Pick<Edit, 'text'>, from: number, to: number, words: string): Edit {
  const caret = from + words.length;
  return { text: text.slice(0, from) + words + text.slice(to), start: caret, end: caret };
}

/** Whether a text calls everybody in the room, outside of code. */
export function namesEverybody(text: string): boolean {
  return everybodyIn(text).some((at) => !inCode(text, at));
}

/** What of a text is said: without the empty lines around it. Of several lines the first may be set in like the others, as code is. */
export function saidOf(text: string): string {
  const lines = text.trimEnd().replace(/^(?:[^\S\n]*\n)+/, '');
  return lines.includes('\n') ? lines : lines.trimStart();
}
