import { expect, test } from 'vitest';
import { match, rank } from './fuzzy';

const named = (...names: string[]) => names.map((name, at) => ({ names: [name], recency: names.length - at, rank: 0 }));
const order = (query: string, ...names: string[]) => rank(query, named(...names), 10).map((row) => row.item.names[0]);

test('a name that begins with the query comes before one that holds it', () => {
  expect(order('de', 'incidents', 'design')).toEqual(['design', 'incidents']);
});

test('the beginning of a later word comes before the middle of one', () => {
  expect(order('rev', 'forever', 'design-review')).toEqual(['design-review', 'forever']);
});

test('the exact name comes first, however old', () => {
  expect(order('infra', 'infrastructure', 'infra')).toEqual(['infra', 'infrastructure']);
});

test('letters of word beginnings find a name', () => {
  expect(order('dr', 'design review', 'drafts', 'general')).toEqual(['drafts', 'design review']);
});

test('letters in another order do not', () => {
  expect(match('gd', 'design')).toBeUndefined();
});

test.each([
  ['产', '产品讨论'],
  ['讨论', '产品讨论'],
  ['产讨', '产品讨论'],
  ['研发', '研发周报'],
])('Chinese is found by %j', (query, name) => {
  expect(match(query, name)).toBeDefined();
});

test('case, accents and full-width letters make no difference', () => {
  expect(match('tomas', 'Tomás Rivera')).toBeDefined();
  expect(match('ＤＥ', 'design')).toBeDefined();
});

test('the hits are the places of the letters that matched', () => {
  expect(match('de', 'incidents')?.hits).toEqual([4, 5]);
  expect(match('讨论', '产品讨论')?.hits).toEqual([2, 3]);
});

test('without a query the most recent come first', () => {
  expect(order('', 'newest', 'older', 'oldest')).toEqual(['newest', 'older', 'oldest']);
});

test('between equals the more recent comes first', () => {
  const items = [
    { names: ['aa-1'], recency: 1, rank: 0 },
    { names: ['aa-2'], recency: 2, rank: 0 },
  ];
  expect(rank('aa', items, 10).map((row) => row.item.names[0])).toEqual(['aa-2', 'aa-1']);
});

test('a second name finds too, but shows no marks in the first', () => {
  const [row] = rank('liming', [{ names: ['李明', 'liming'], recency: 0, rank: 1 }], 10);
  expect(row?.item.names[0]).toBe('李明');
  expect(row?.hits).toEqual([]);
});

test('no more than the limit', () => {
  expect(rank('a', named('a1', 'a2', 'a3'), 2)).toHaveLength(2);
});

test('what sounds like the query comes behind what is written like it, with its places', () => {
  const sounds = (query: string, name: string) => (query === 'zh' && name === '周会' ? [0, 1] : undefined);
  const rows = rank('zh', named('周会', 'zhou', '李明'), 10, sounds);
  expect(rows.map((row) => row.item.names[0])).toEqual(['zhou', '周会']);
  expect(rows[1]?.hits).toEqual([0, 1]);
});
