import { expect, test } from 'vitest';
import { readBlocks } from './blocks';
import table from './mentions.json';
import { notation } from './notation';
import type { Block, Inline } from './tree';

/** A case without its signs, what is called in it, and what is no words. */
function read(written: string) {
  let text = '';
  const called: { start: number; end: number; user: number }[] = [];
  const hidden: typeof called = [];
  for (const letter of written) {
    if (letter === '⟦' || letter === '⟨')
      (letter === '⟦' ? called : hidden).push({ start: text.length, end: 0, user: 7 });
    else if (letter === '⟧' || letter === '⟩')
      Object.assign((letter === '⟧' ? called : hidden).at(-1) ?? {}, { end: text.length });
    else text += letter;
  }
  return { text, called, hidden };
}

function drawn(blocks: readonly Block[]): string[] {
  return blocks.flatMap((one) => {
    switch (one.type) {
      case 'paragraph':
      case 'heading':
        return one.children.flatMap(named);
      case 'quote':
        return drawn(one.children);
      case 'list':
        return one.items.flatMap((item) => drawn(item.children));
      case 'table':
        return one.rows.flat(2).flatMap(named);
      default:
        return [];
    }
  });
}

function named(one: Inline): string[] {
  if (one.type === 'mention') return [one.text];
  return 'children' in one ? one.children.flatMap(named) : [];
}

test.each(table.cases.map((written) => [written]))('%j', (written) => {
  const { text, called, hidden } = read(written);
  const words = called.map(({ start, end }) => text.slice(start, end));
  expect(drawn(readBlocks(text, called))).toEqual(words);
  const all = [...called, ...hidden].sort((one, other) => one.start - other.start);
  expect(drawn(readBlocks(text, all)), 'drawn where it is no words').toEqual(words);
  // A mention changes nothing of what stands around it.
  expect(notation(readBlocks(text, called)).replace(/⟦@7\|(.*?)⟧/g, '$1')).toBe(notation(readBlocks(text)));
});
