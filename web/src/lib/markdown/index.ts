/**
 * Reads the text of a message. Chat is not a document: the marks are Markdown's, but whatever is not plainly meant as one stays
 * as it was typed, and no text, however it is made, takes more than time in proportion to its length. `cases.txt` has the rules.
 */
import type { MentionSpan } from '../../gen/wire';
import { readBlocks } from './blocks';
import type { Block, Span } from './tree';

export { safeHref } from './addresses';
export { endsInCode } from './blocks';
export { readInline, wordsOf } from './inline';
export type { Block, Inline, Item, Link } from './tree';

const CACHE_SIZE = 1000;
const read = new Map<string, readonly Block[]>();

/** Rows come and go while scrolling; their text is read once. */
export function readText(source: string, mentions: readonly MentionSpan[] = []): readonly Block[] {
  const key = mentions.length > 0 ? `${JSON.stringify(mentions)}${source}` : source;
  const held = read.get(key);
  if (held) return held;
  const blocks = readBlocks(source, spansIn(source, mentions));
  if (read.size >= CACHE_SIZE) {
    const oldest = read.keys().next().value;
    if (oldest !== undefined) read.delete(oldest);
  }
  read.set(key, blocks);
  return blocks;
}

/** The server counts characters, a string here counts halves of some. */
function spansIn(source: string, mentions: readonly MentionSpan[]): readonly Span[] {
  if (mentions.length === 0) return [];
  const places = [0];
  for (const letter of source) places.push((places.at(-1) ?? 0) + letter.length);
  return mentions.flatMap(({ start, length, user_id: user }) => {
    const [from, end] = [places[start], places[start + length]];
    return from === undefined || end === undefined ? [] : [{ start: from, end, user }];
  });
}
