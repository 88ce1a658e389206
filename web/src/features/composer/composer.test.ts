import { describe, expect, test } from 'vitest';
import { replaceRange, toggleMark } from './formatting';
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
