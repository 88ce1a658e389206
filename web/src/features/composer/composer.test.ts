import { describe, expect, test } from 'vitest';
import { inFence, linked, replaceRange, shortcodeBefore, toggleMark } from './formatting';
import { suggestPeople, wordsOf } from './suggestions';

describe('formatting', () => {
  test('a mark goes around the selection and away again', () => {
    const bold = toggleMark({ text: 'say it', start: 4, end: 6 }, '**');
    expect(bold).toEqual({ text: 'say **it**', start: 6, end: 8 });
    expect(toggleMark(bold, '**')).toEqual({ text: 'say it', start: 4, end: 6 });
  });

  test('without a selection the caret waits inside', () => {
    expect(toggleMark({ text: '', start: 0, end: 0 }, '`')).toEqual({ text: '``', start: 1, end: 1 });
  });

  test('a completion replaces what was typed and puts the caret behind it', () => {
    expect(replaceRange({ text: 'hey @ma!' }, 4, 7, '@maya ')).toEqual({ text: 'hey @maya !', start: 10, end: 10 });
  });

  test('a block of code begins and ends with its fence', () => {
    const text = 'look:\n```js\nlet a;\n```\ndone';
    expect(inFence(text, text.indexOf('let'))).toBe(true);
    expect(inFence(text, 3)).toBe(false);
    expect(inFence(text, text.length)).toBe(false);
    expect(inFence('three ``` in a line', 19)).toBe(false);
  });

  test('a short name of an emoji ends with its second colon', () => {
    expect(shortcodeBefore('well done :tada:', 16)).toEqual({ from: 10, name: 'tada' });
    expect(shortcodeBefore(':+1:', 4)).toEqual({ from: 0, name: '+1' });
    for (const text of ['at 10:30:', 'see `:tada:', 'a::', 'std:vec:']) {
      expect(shortcodeBefore(text, text.length)).toBeUndefined();
    }
  });

  test('an address pasted over words makes them a link', () => {
    const words = { text: 'see the sheet', start: 4, end: 13 };
    expect(linked(words, ' https://example.com/a?b=1 ')?.text).toBe('see [the sheet](https://example.com/a?b=1)');
  });

  test('what is no address, or lies over nothing, is pasted as it is', () => {
    const words = { text: 'see the sheet', start: 4, end: 13 };
    expect(linked(words, 'https://example.com and more')).toBeUndefined();
    expect(linked(words, 'javascript:alert(1)')).toBeUndefined();
    expect(linked({ ...words, end: 4 }, 'https://example.com')).toBeUndefined();
    expect(linked({ text: '[a]', start: 0, end: 3 }, 'https://example.com')).toBeUndefined();
  });
});

describe('people', () => {
  const people = [
    { id: 1, username: 'me' },
    { id: 2, username: 'maya', display_name: 'Maya Lindqvist' },
    { id: 3, username: 'tomas', display_name: 'Tomás Rivera' },
    { id: 4, username: 'amara', display_name: 'Amara Okafor' },
    { id: 5, username: 'liming', display_name: '李明' },
  ];
  const found = (word: string) =>
    suggestPeople(people, word, 1).map((choice) => (choice.kind === 'person' ? choice.username : choice.kind));

  test('the beginning of a name is better than its middle', () => {
    expect(found('ma')).toEqual(['maya', 'amara', 'tomas']);
  });

  test('by display name and in Chinese, never myself', () => {
    expect(found('riv')).toEqual(['tomas']);
    expect(found('李')).toEqual(['liming']);
    expect(found('me')).toEqual([]);
  });

  test('everybody can be named', () => {
    expect(found('ro')).toEqual(['everyone']);
    expect(wordsOf({ kind: 'everyone' })).toBe('@room ');
  });
});
