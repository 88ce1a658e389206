import { expect, test } from 'vitest';
import { hueOf, initialsOf, roomLetterOf } from './tint';

test('the same id always has the same hue', () => {
  expect(hueOf(42)).toBe(hueOf(42));
  expect(hueOf('42')).toBe(hueOf(42));
});

test('twelve people in a row have twelve hues', () => {
  const hues = new Set(Array.from({ length: 12 }, (_, at) => hueOf(9_007_199_254_740_000 + at)));
  expect(hues.size).toBe(12);
});

test('names spread over the hues too', () => {
  const hues = new Set(Array.from({ length: 100 }, (_, at) => hueOf(`guest ${at}`)));
  expect(hues.size).toBe(12);
});

test.each([
  ['Maya Lindqvist', 'ML'],
  ['maya', 'M'],
  ['tomas.rivera', 'TR'],
  ['Anna Maria van der Berg', 'AB'],
  ['李明', '李'],
  ['王小雨', '王'],
  ['さくら', 'さ'],
  ['김민수', '김'],
  ['李明 (Ming)', '李'],
  ['Ming 李', 'M'],
  ['élodie', 'É'],
  ['7 of 9', '79'],
  ['🦊', '🦊'],
  ['   ', '?'],
  ['', '?'],
  ['_bot-', 'B'],
])('initials of %j are %j', (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

test('a combined character is not torn apart', () => {
  expect(initialsOf('e\u0301lodie')).toBe('E\u0301');
});

test('a room shows one letter', () => {
  expect(roomLetterOf('design review')).toBe('D');
  expect(roomLetterOf('产品讨论')).toBe('产');
});
