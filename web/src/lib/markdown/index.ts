/**
 * Reads the text of a message. Chat is not a document: the marks are Markdown's, but whatever is not plainly meant as one stays
 * as it was typed, and no text, however it is made, takes more than time in proportion to its length. `cases.txt` has the rules.
 */
import { readBlocks } from './blocks';
import type { Block } from './tree';

export { safeHref } from './addresses';
export { endsInCode } from './blocks';
export { readInline, wordsOf } from './inline';
export type { Block, Inline, Item, Link } from './tree';

const CACHE_SIZE = 1000;
const read = new Map<string, readonly Block[]>();

/** Rows come and go while scrolling; their text is read once. */
export function readText(source: string): readonly Block[] {
  const held = read.get(source);
  if (held) return held;
  const blocks = readBlocks(source);
  if (read.size >= CACHE_SIZE) {
    const oldest = read.keys().next().value;
    if (oldest !== undefined) read.delete(oldest);
  }
  read.set(source, blocks);
  return blocks;
}
