/** A message's text in one line, for quotes, announcements and notifications: the words that are drawn, without their looks. */
import { type Block, type Inline, type Item, readText } from './markdown';

/** What is drawn, read aloud. Only white space is drawn together. */
export const plainText = (source: string): string => inOneLine(readText(source));

export function inOneLine(list: readonly Block[]): string {
  return blocks(list).replace(/\s+/g, ' ').trim();
}

function blocks(list: readonly Block[]): string {
  return list.map(block).join('\n');
}

function block(one: Block): string {
  switch (one.type) {
    case 'paragraph':
    case 'heading':
      return inlines(one.children);
    case 'code':
    case 'rule':
      return one.text;
    case 'quote':
      return blocks(one.children);
    case 'list':
      return one.items.map(item).join('\n');
    case 'table':
      return one.rows.map((row) => row.map(inlines).join(' ')).join('\n');
  }
}

function item({ marker, checked, children }: Item): string {
  const sign = checked === undefined ? (marker ?? '•') : checked ? '☑' : '☐';
  return `${sign} ${blocks(children)}`;
}

function inlines(list: readonly Inline[]): string {
  return list.map(inline).join('');
}

function inline(one: Inline): string {
  if (!('children' in one)) return one.text;
  const words = inlines(one.children);
  return one.type === 'link' && one.host !== undefined ? `${words} (${one.host})` : words;
}

/** Characters as the server counts them: Unicode scalar values, not UTF-16 units. */
export function charCount(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
