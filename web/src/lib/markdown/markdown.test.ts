import { describe, expect, test } from 'vitest';
import { readBlocks } from './blocks';
import table from './cases.txt?raw';
import { notation, typed, visible } from './notation';
import type { Block, Inline } from './tree';

const CASES = table.split('\n').flatMap((line) => {
  const [source, drawn] = line.split(' ⟶ ');
  return source !== undefined && drawn !== undefined ? [{ source: typed(source), drawn }] : [];
});

/** What no mark is made of: it is in every drawing, in the order it was typed. */
const signs = /[\s*_~`\\#>\-[\]()<!|:+.]/g;
const kept = (text: string) => text.replace(signs, '').toLowerCase();

/** Everything of the source that the tree still holds: what is drawn, and addresses, numbers and languages beside it. */
function held(blocks: readonly Block[]): string {
  return blocks.map(heldBlock).join('');
}

function heldBlock(one: Block): string {
  switch (one.type) {
    case 'paragraph':
    case 'heading':
      return one.children.map(heldInline).join('');
    case 'code':
      return `${one.language ?? ''}${one.text}`;
    case 'quote':
      return held(one.children);
    case 'rule':
      return one.text;
    case 'list':
      return one.items.map((item) => `${item.marker ?? (item.checked ? 'x' : '')}${held(item.children)}`).join('');
    case 'table':
      return one.rows.flatMap((row) => row.map((cell) => cell.map(heldInline).join(''))).join('');
  }
}

function heldInline(one: Inline): string {
  if (!('children' in one)) return one.text;
  const words = one.children.map(heldInline).join('');
  return one.type === 'link' && !one.href.endsWith(words) ? words + one.href : words;
}

/** What people type and what was made to hurt, to be put together in any order. */
const ATOMS = [
  'a',
  '文',
  '。',
  ' ',
  '\n',
  '\n\n',
  '  ',
  '*',
  '**',
  '***',
  '_',
  '__',
  '~',
  '~~',
  '`',
  '``',
  '```',
  '~~~',
  '\\',
  '[',
  ']',
  '(',
  ')',
  '](',
  '![',
  '<',
  '>',
  '> ',
  '- ',
  '* ',
  '1. ',
  '\n- ',
  '\n  - ',
  '\n> ',
  '\n```',
  '# ',
  '|',
  '\n|-|-|\n',
  '---',
  '"',
  ':',
  '/',
  '-',
  '@',
  'a@b.cd',
  'www.a.b',
  'https://a.b',
  '[a](https://c.d)',
  '(<',
  '<https:',
  '😀',
  'שלום',
  'e\u0301',
  '\u202e',
  '**a',
  'a**',
  '*a_',
];

/** The same numbers every time: a failure can be looked at again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function pick(next: (below: number) => number, most: number): string {
  const parts = Array.from({ length: 1 + next(most) }, () => ATOMS[next(ATOMS.length)] ?? '');
  return parts.join('');
}

describe('what is typed is what is drawn', () => {
  test('there are several hundred cases', () => expect(CASES.length).toBeGreaterThan(450));

  test.each(CASES)('$source', ({ source, drawn }) => {
    const expected = drawn === '=' ? visible(source).trimEnd() : drawn;
    expect(notation(readBlocks(source))).toBe(expected);
  });

  test('of no text, however it is put together, a letter is lost', () => {
    const next = numbers(7);
    const texts = [...CASES.map(({ source }) => source), ...Array.from({ length: 20_000 }, () => pick(next, 12))];
    expect(texts.filter((text) => kept(held(readBlocks(text))) !== kept(text))).toEqual([]);
  });

  test('a text of signs alone is never invisible', () => {
    const next = numbers(11);
    const marks = ATOMS.filter((atom) => /^[^\p{L}\p{N}\s]+$/u.test(atom));
    const texts = Array.from({ length: 20_000 }, () =>
      Array.from({ length: 1 + next(4) }, () => marks[next(marks.length)] ?? '').join(next(2) ? '' : ' '),
    );
    const shows = (text: string) => /\S/.test(notation(readBlocks(text)).replace(/⟦[^|⟧]*\||⟧| ¶ /g, ''));
    expect(texts.filter((text) => !shows(text))).toEqual([]);
  });
});

describe('the time a text takes grows with its length and no faster', () => {
  /** The processor's time, not the clock's: whoever else computes does not count. */
  function spent(text: string): number {
    const before = process.cpuUsage();
    readBlocks(text);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }

  const least = (text: string) => Math.min(spent(text), spent(text), spent(text));

  const SHORT = 20_000;
  const GROWTH = 4;
  const SEEN_MS = 100;
  const filled = (head: string, body: string, tail: string, size: number) =>
    head + body.repeat(Math.ceil(size / body.length)) + tail;

  function proportional(head: string, body: string, tail: string): void {
    const long = filled(head, body, tail, SHORT * GROWTH);
    // What is over before one sees it may be of any shape.
    if (spent(long) < SEEN_MS) return;
    // Four times in proportion, sixteen times with the square.
    const fast = least(long) < least(filled(head, body, tail, SHORT)) * GROWTH * 2.2;
    expect({ head, body, tail, fast }).toEqual({ head, body, tail, fast: true });
  }

  test.each([
    ['x```', '*a_', ''],
    ['', '>', ''],
    ['', '- ', 'a'],
    ['', '1. ', 'a'],
    ['', '> - 1. ', 'a'],
    ['', '[a](', ''],
    ['', '[', '](https://a.b)'],
    ['', '[a](<', ''],
    ['', '`a``b```c', ''],
    ['', '\\`', ''],
    ['', '*a **b ', ''],
    ['', '***a* **b', ''],
    ['', '_*', 'a'],
    ['', 'https://a.b/(', ''],
    ['', 'https://a.b ', ''],
    ['', 'a@', ''],
    ['', 'a.', '@'],
    ['', '<https://', ''],
    ['', '~~~\n', 'a'],
    ['', '~~~~\na\n~~~a\n', ''],
    ['', '- a\n\n\n', ''],
    ['', 'a|', '\n-|-'],
    ['|', '-|', '\n|'],
    ['', '|a\n|-\n', ''],
    ['[', 'a.', '](https://a.b)'],
    ['', '  ', 'a'],
    ['', '\n', 'a'],
  ])('%j and %j over and over and %j', proportional);

  test.each([3, 5, 8, 13, 21, 34])('any few atoms, over and over, from %i on', (seed) => {
    const next = numbers(seed);
    for (let round = 0; round < 20; round += 1) proportional(pick(next, 3), pick(next, 4), pick(next, 3));
  });
});

test('of names that follow each other a hundred may be pictures, and the others stay what was typed', () => {
  const names = ':ab:'.repeat(1000);
  const [paragraph] = readBlocks(names);
  const children = paragraph?.type === 'paragraph' ? paragraph.children : [];
  expect(children.filter(({ type }) => type === 'emoji')).toHaveLength(100);
  expect(children.map(heldInline).join('')).toBe(names);
  expect(children.length).toBeLessThan(110);
});
