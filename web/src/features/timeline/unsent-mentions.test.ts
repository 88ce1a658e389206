import { expect, test } from 'vitest';
import { readText } from '../../lib/markdown';
import table from '../../lib/markdown/mentions.json';
import { notation } from '../../lib/markdown/notation';
import { nameKey, spansOf } from './unsent-mentions';

const members = new Map(table.members.map((name, at) => [nameKey(name), at + 1]));

test.each(table.cases.map((written) => [written]))('drawn as the server is going to tell it: %j', (written) => {
  const text = written.replace(/[⟦⟧⟨⟩]/g, '');
  const called = [...written.matchAll(/⟦(.*?)⟧/g)].map(([, name]) => name?.replace(/[⟨⟩]/g, ''));
  const spans = spansOf(text, (key) => members.get(key));
  const drawn = [...notation(readText(text, spans)).matchAll(/⟦@?\d+\|(.*?)⟧/g)].map(([, name]) => name);
  expect(drawn).toEqual(called);
});

test('no more than fifty are looked for', () => {
  expect(spansOf('@bob '.repeat(60), () => 1)).toHaveLength(50);
});
