import { describe, expect, test } from 'vitest';
import { inCode, inFence, namesEverybody, replaceRange, saidOf, shortcodeBefore } from './caret';
import { linked, toggleMark } from './formatting';
import { suggestPeople, wordsOf } from './suggestions';

test.each([
  ['@room', true],
  ['well, @All of you', true],
  ['大家 @here 看', true],
  ['a@all.example', false],
  ['@roomy and @allan', false],
  ['`@room`', false],
  ['```\n@everyone\n```', false],
  ['`code` @everyone', true],
  ['@all请注意，@所有人', true],
  ['＠全体成员：', true],
  ['@room-mate @all_in', false],
])('whether everybody is called: %s', (text, is) => expect(namesEverybody(text)).toBe(is));

test.each([
  ['  hello ', 'hello'],
  ['\n\n  hello\n\n', 'hello'],
  ['    four\n    and four', '    four\n    and four'],
  ['\n \n\tcode\n\t\tdeeper\n ', '\tcode\n\t\tdeeper'],
  ['one\n\n  two', 'one\n\n  two'],
  [' \n ', ''],
])('what is said of %j', (text, said) => expect(saidOf(text)).toBe(said));

describe('formatting', () => {
  test('a mark goes around the selection and away again', () => {
    const bold = toggleMark({ text: 'say it', start: 4, end: 6 }, '**');
    expect(bold).toEqual({ text: 'say **it**', start: 6, end: 8 });
    expect(toggleMark(bold, '**')).toEqual({ text: 'say it', start: 4, end: 6 });
  });

  test('without a selection the caret waits inside', () => {
    expect(toggleMark({ text: '', start: 0, end: 0 }, '`')).toEqual({ text: '``', start: 1, end: 1 });
  });

  /** `|` are the ends of the selection. */
  const selected = (marked: string) => {
    const [head = '', inner = '', tail = ''] = marked.split('|');
    return { text: head + inner + tail, start: head.length, end: head.length + inner.length };
  };
  const pressed = (marked: string, mark: string) => {
    const { text, start, end } = toggleMark(selected(marked), mark);
    return `${text.slice(0, start)}|${text.slice(start, end)}|${text.slice(end)}`;
  };

  /** What a key writes is drawn as the key says, and pressed again it is gone. */
  test.each([
    ['say |it| now', '_', 'say _|it|_ now'],
    ['say |it |now', '**', 'say **|it|** now'],
    ['| it|', '~~', ' ~~|it|~~'],
    ['这是|重点|内容', '_', '这是*_|重点|_*内容'],
    ['这是|重点|内容', '**', '这是**|重点|**内容'],
    ['这是|重点|，', '_', '这是*_|重点|_*，'],
    ['|注意：|明天', '**', '**|注意：|**明天'],
    ['|重点|', '_', '_|重点|_'],
    ['请看|文档|。', '~~', '请看~~|文档|~~。'],
    ['|(aside)| and', '_', '*|(aside)|* and'],
    ['be|lie|ve', '**', '**|believe|**'],
    ['foo|(bar)|', '**', '**|foo(bar)|**'],
    ['a |b`c| d', '`', 'a `` |b`c| `` d'],
    ['- |item|', '**', '- **|item|**'],
    ['|- item|', '**', '- **|item|**'],
    ['|# Title|', '_', '# _|Title|_'],
  ])('%j with %s', (before, mark, after) => {
    expect(pressed(before, mark)).toBe(after);
    expect(toggleMark(toggleMark(selected(before), mark), mark).text).toBe(selected(before).text);
  });

  test('where nothing would be drawn nothing is written', () => {
    expect(pressed('so |...| well', '**')).toBe('so |...| well');
    expect(pressed('```\nlet |a|', '**')).toBe('```\nlet |a|');
    expect(pressed('a |  | b', '_')).toBe('a |  | b');
  });

  test('a selection with its marks loses them', () => {
    expect(pressed('say |**it**|', '**')).toBe('say |it|');
    expect(pressed('**|it|**', '_')).toBe('**_|it|_**');
    expect(pressed('中|*_文字_*|中', '_')).toBe('中|文字|中');
  });

  test('of several lines each has its own marks, and code becomes a block', () => {
    expect(pressed('|- one\n- two\n\n> three|', '**')).toBe('|- **one**\n- **two**\n\n> **three**|');
    expect(pressed('|- **one**\n- **two**|', '**')).toBe('|- one\n- two|');
    expect(pressed('see |a\nb| there', '`')).toBe('see \n```\n|a\nb|\n```\n there');
  });

  test('an empty pair between Chinese letters slants what comes', () => {
    expect(pressed('中||文', '_')).toBe('中*_||_*文');
    expect(pressed('中*_||_*文', '_')).toBe('中||文');
    expect(pressed('a ||', '_')).toBe('a _||_');
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
    expect(inFence('```all in one```', 16)).toBe(false);
    expect(inFence('```js\nlet a;```', 15)).toBe(false);
    expect(inFence('````\n```\n', 9)).toBe(true);
  });

  test('in code nobody is named and no emoji begins', () => {
    for (const text of ['```\n@app', 'call `std :fa', '``a`b :fa']) expect(inCode(text, text.length), text).toBe(true);
    for (const text of ['`a` :fa', 'a tick ` above\n:fa']) expect(inCode(text, text.length), text).toBe(false);
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
    expect(linked(words, 'https://example.com/(a))')).toBeUndefined();
    expect(linked(words, 'https://example.com and more')).toBeUndefined();
    expect(linked(words, 'javascript:alert(1)')).toBeUndefined();
    expect(linked({ ...words, end: 4 }, 'https://example.com')).toBeUndefined();
    expect(linked({ text: '[a]', start: 0, end: 3 }, 'https://example.com')?.text).toBe('[[a]](https://example.com)');
    expect(linked({ text: ']a', start: 0, end: 2 }, 'https://example.com')).toBeUndefined();
    expect(linked(words, 'https://example.com/a_(b)')?.text).toContain('(https://example.com/a_(b))');
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
