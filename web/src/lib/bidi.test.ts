import { expect, test } from 'vitest';
import { isolated, turnsOf } from './bidi';

test('what cannot turn anything round stays as it is', () => {
  for (const text of ['', 'Ann', '李明', 'Tomás 5 (x)', '🎉']) expect(isolated(text)).toBe(text);
});

test.each([
  ['Hebrew', 'דוד', '\u2068דוד\u2069'],
  ['Arabic', 'أحمد', '\u2068أحمد\u2069'],
  ['an override left open', 'a\u202eb', '\u2068a\u202eb\u202c\u2069'],
  ['an end of what is around it', 'a\u2069\u202eb', '\u2068a\u202eb\u202c\u2069'],
  ['a chain left open', '\u202b\u2067\u202da', '\u2068\u202b\u2067\u202da\u202c\u2069\u202c\u2069'],
  ['an end of an embedding within an isolate', '\u202b\u2067a\u202cb', '\u2068\u202b\u2067ab\u2069\u202c\u2069'],
  ['an isolate that ends with an embedding in it', '\u2067\u202ba\u2069b', '\u2068\u2067\u202ba\u2069b\u2069'],
  ['what is isolated already', '\u2068דוד\u2069, Ann', '\u2068\u2068דוד\u2069, Ann\u2069'],
])('%s stays within itself', (_, text, wanted) => expect(isolated(text)).toBe(wanted));

test('what ends the turns of a text is told', () => {
  expect(turnsOf('x\u202eabc').open).toBe('\u202c');
  expect(turnsOf('x\u2067abc\u2069').open).toBe('');
});
