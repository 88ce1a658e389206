import { expect, test } from 'vitest';
import { faultOf, nameFrom } from './own';

const free = () => false;

test.each([
  ['party-parrot', undefined],
  ['ok_2', undefined],
  ['', undefined],
  ['a', 'short'],
  ['x'.repeat(32), undefined],
  ['x'.repeat(33), 'long'],
  ['Tada', 'letters'],
  ['a b', 'letters'],
  [':tada:', 'letters'],
  ['表情', 'letters'],
])('the name %j: %s', (name, fault) => expect(faultOf(name, free)).toBe(fault));

test('no two have one name', () => expect(faultOf('tada', (name) => name === 'tada')).toBe('taken'));

test.each([
  ['Party Parrot (2).PNG', 'party-parrot-2'],
  ['ok_hand.webp', 'ok_hand'],
  ['鹦鹉.png', ''],
  ['a.gif', ''],
  [`${'long '.repeat(10)}.png`, 'long-long-long-long-long-long-lo'],
])('the file %s suggests %j', (file, name) => {
  expect(nameFrom(file)).toBe(name);
  expect(faultOf(name, free)).toBeUndefined();
});
