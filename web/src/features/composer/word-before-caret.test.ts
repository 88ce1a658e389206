import { expect, test } from 'vitest';
import { wordBeforeCaret } from './word-before-caret';

test('the word before the caret is what completes', () => {
  expect(wordBeforeCaret('hey @ma', 7, '@')).toEqual({ from: 4, word: 'ma' });
  expect(wordBeforeCaret('好＠小', 3, '@')).toEqual({ from: 1, word: '小' });
  expect(wordBeforeCaret('@श्री', 6, '@')).toEqual({ from: 0, word: 'श्री' });
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
