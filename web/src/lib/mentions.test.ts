import { expect, test } from 'vitest';
import { nameKey, namesWithin, splitMentions, wordBeforeCaret } from './mentions';

const names = (text: string) => splitMentions(text).flatMap((piece) => piece.name ?? []);

test('names of any script, with what may stand in them and not at their end', () => {
  expect(names('@maya, @李明！ @j.doe-2. (@x_y)')).toEqual(['maya', '李明', 'j.doe-2', 'x_y']);
});

test('an address is no mention', () => {
  expect(names('write to mail@example.org')).toEqual([]);
  expect(names('谢谢@小明！')).toEqual(['小明']);
});

test('no character is lost', () => {
  const text = 'a @maya b @x.';
  expect(
    splitMentions(text)
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text);
});

test('without spaces a name may end before every ideograph', () => {
  expect(namesWithin('小明你好')).toEqual(['小明你好', '小明你', '小明', '小']);
  expect(namesWithin('bob你好')).toEqual(['bob你好', 'bob你', 'bob']);
  expect(namesWithin('maya')).toEqual(['maya']);
});

test('a name is the same name however wide or tall it is written', () => {
  expect(nameKey('Ｍaya')).toBe(nameKey('maya'));
});

test('the word before the caret is what completes', () => {
  expect(wordBeforeCaret('hey @ma', 7, '@')).toEqual({ from: 4, word: 'ma' });
  expect(wordBeforeCaret('@', 1, '@')).toEqual({ from: 0, word: '' });
  expect(wordBeforeCaret('hey @ma there', 13, '@')).toBeUndefined();
  expect(wordBeforeCaret('mail@ma', 7, '@')).toBeUndefined();
  expect(wordBeforeCaret('it is 12:30', 11, ':')).toBeUndefined();
  expect(wordBeforeCaret(':smi', 4, ':')).toEqual({ from: 0, word: 'smi' });
});

test('a colon within words, addresses and code names no emoji', () => {
  for (const text of ['std::move', '2001:db8::face', '地址:home', 'see::face', 'http://host']) {
    expect(wordBeforeCaret(text, text.length, ':'), text).toBeUndefined();
  }
  for (const text of [':home', 'well :home', '🎉:home', '❤️:home']) {
    expect(wordBeforeCaret(text, text.length, ':')?.word, text).toBe('home');
  }
});
