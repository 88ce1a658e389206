import { expect, test } from 'vitest';
import { highlight } from './highlight';

const LANGUAGES = [
  'bash',
  'c',
  'css',
  'diff',
  'go',
  'java',
  'javascript',
  'json',
  'python',
  'rust',
  'sql',
  'typescript',
  'xml',
  'yaml',
];

test('colours change no letter', () => {
  const code = 'fn main() {\n    println!("<b> &amp; {}", 1); // done\n}';
  const pieces = highlight(code, 'rust') ?? [];
  expect(pieces.map((piece) => piece.text).join('')).toBe(code);
  expect(pieces.some((piece) => piece.kind === 'keyword')).toBe(true);
});

/** What one grammar or another looks far ahead from. */
const BODIES = [
  'a',
  '$',
  'a$',
  '0x',
  '(',
  '((',
  '<',
  '<a ',
  '"',
  "'",
  '`',
  '/',
  '|',
  '!',
  '#',
  '{',
  '[',
  'a(',
  'a<',
  'r#"',
  '${',
  '- ',
  'a: ',
  '\\',
];

test.each(LANGUAGES)('no text in %s holds the page up', (language) => {
  const LINE = 200;
  for (const body of BODIES) {
    for (const separator of ['', '\n']) {
      const line = body.repeat(LINE / body.length);
      const code = separator === '' ? body.repeat(10_000 / body.length) : `${line}\n`.repeat(50);
      const before = process.cpuUsage();
      highlight(code, language);
      const took = process.cpuUsage(before).user / 1000;
      expect({ body, lines: separator !== '', quick: took < 600 }).toEqual({
        body,
        lines: separator !== '',
        quick: true,
      });
    }
  }
});

test('words as long as their lines are no code; a hash or two are', () => {
  const line = 'e'.repeat(200);
  // Such a text was forty times as dear as a program of its length.
  expect(highlight(`${line}\n`.repeat(49), 'c')).toBeUndefined();
  expect(highlight(`${'e'.repeat(60)} `.repeat(3).concat('\n').repeat(49), 'c')).toBeUndefined();
  const hash = '0123456789abcdef'.repeat(4);
  expect(highlight(`char a[] = "${hash}";\nchar b[] = "${hash}";`, 'c')).toBeDefined();
});

test('code that comes into view again is not read again', () => {
  const code = 'int main(void) { return 0; }';
  expect(highlight(code, 'c')).toBe(highlight(code, 'c'));
  expect(highlight(code, 'java')).not.toBe(highlight(code, 'c'));
});
