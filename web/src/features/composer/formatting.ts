/** Changes of a text and its selection, for the formatting keys and completion. Pure. */

export interface Edit {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Puts a mark around the selection, or takes it away again when it is there. */
export function toggleMark({ text, start, end }: Edit, mark: string): Edit {
  const size = mark.length;
  const inside = text.slice(start, end);
  if (text.slice(start - size, start) === mark && text.slice(end, end + size) === mark) {
    return {
      text: text.slice(0, start - size) + inside + text.slice(end + size),
      start: start - size,
      end: end - size,
    };
  }
  return {
    text: text.slice(0, start) + mark + inside + mark + text.slice(end),
    start: start + size,
    end: end + size,
  };
}

/** Whether a place is inside a block of code that began with three backticks and has not ended. */
export function inFence(text: string, at: number): boolean {
  return (text.slice(0, at).match(/^```/gm)?.length ?? 0) % 2 === 1;
}

/** The `:name:` that ends at a place and stands for itself, with where it begins. */
export function shortcodeBefore(text: string, end: number): { from: number; name: string } | undefined {
  const name = text.slice(0, end).match(/(?:^|\s):([\w+-]{2,}):$/)?.[1];
  return name === undefined ? undefined : { from: end - name.length - 2, name };
}

/** The selection as a link, when what was pasted over it is an address and nothing else. */
export function linked({ text, start, end }: Edit, pasted: string): Edit | undefined {
  const words = text.slice(start, end);
  const address = pasted.trim();
  if (words.trim() === '' || /[\n[\]]/.test(words) || !/^https?:\/\/[^\s()<>]+$/i.test(address)) return undefined;
  const link = `[${words}](${address})`;
  return { text: text.slice(0, start) + link + text.slice(end), start: start + link.length, end: start + link.length };
}

/** Replaces what stands between two places and puts the caret behind it. */
export function replaceRange({ text }: Pick<Edit, 'text'>, from: number, to: number, words: string): Edit {
  const caret = from + words.length;
  return { text: text.slice(0, from) + words + text.slice(to), start: caret, end: caret };
}
