import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { IntlProvider } from 'use-intl';
import { describe, expect, test } from 'vitest';
import { namesWithin } from '../../lib/mentions';
import messages from '../../locales/en';
import { Markdown, type Names, safeHref } from './markdown';

const people = new Set(['maya', 'me', '小明']);
const names: Names = {
  mention: (run) => namesWithin(run).find((name) => people.has(name)),
  isMe: (name) => name === 'me',
};

function draw(source: string, tail?: ReactNode): HTMLElement {
  return render(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <Markdown source={source} names={names} tail={tail} />
    </IntlProvider>,
  ).container;
}

describe('nothing a message says is run', () => {
  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'a <b onclick="alert(1)">bold</b> move',
    '<svg/onload=alert(1)>',
    '<iframe src="https://example.org"></iframe>',
  ])('%s is shown as text', (source) => {
    const root = draw(source);
    expect(root.querySelector('script, img, b, svg:not(.lucide), iframe')).toBeNull();
    expect(root.textContent).toContain(source);
  });

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    '//example.org',
    '/api/auth/logout',
  ])('%s is no link', (href) => {
    expect(safeHref(href)).toBeUndefined();
    expect(draw(`[press](<${href}>)`).querySelector('a')).toBeNull();
  });

  test('a picture from elsewhere is only a link to it', () => {
    const root = draw('![cat](https://example.org/cat.png)');
    expect(root.querySelector('img')).toBeNull();
    expect(root.querySelector('a')?.getAttribute('href')).toBe('https://example.org/cat.png');
  });

  test('a good link tells the other side nothing', () => {
    const link = draw('[report](https://example.org/?a=1&b=2)').querySelector('a');
    expect(link?.getAttribute('href')).toBe('https://example.org/?a=1&b=2');
    expect(link?.getAttribute('rel')).toBe('noopener noreferrer nofollow');
    expect(link?.getAttribute('target')).toBe('_blank');
  });
});

describe('text reads as it was written', () => {
  test('characters that HTML would escape are themselves', () => {
    expect(draw('1 < 2 && 3 > 2 "quoted" &amp;').textContent).toBe('1 < 2 && 3 > 2 "quoted" &amp;');
  });

  test('marks become elements', () => {
    const root = draw('**bold** _slanted_ ~~gone~~ `code`');
    expect(root.querySelector('strong')?.textContent).toBe('bold');
    expect(root.querySelector('em')?.textContent).toBe('slanted');
    expect(root.querySelector('del')?.textContent).toBe('gone');
    expect(root.querySelector('code')?.textContent).toBe('code');
  });

  test('code keeps every character', () => {
    const root = draw('```\nif (a < b && c) { <tag> }\n```');
    expect(root.querySelector('pre')?.textContent).toBe('if (a < b && c) { <tag> }');
  });

  test('a line break is a line break', () => {
    expect(draw('one\ntwo').querySelectorAll('br')).toHaveLength(1);
  });

  test('only people the message mentions are chips', () => {
    const chips = [...draw('@maya and @me, not @nobody nor mail@maya').querySelectorAll('.md-mention')];
    expect(chips.map((chip) => chip.textContent)).toEqual(['@maya', '@me']);
    expect(chips[1]?.getAttribute('data-me')).toBe('true');
  });

  test('a name without a space behind it is a chip, the rest of the sentence is not', () => {
    const root = draw('请问@小明你好');
    expect(root.querySelector('.md-mention')?.textContent).toBe('@小明');
    expect(root.textContent).toBe('请问@小明你好');
  });

  test.each([
    ['words', 'one\n\ntwo', 'p:last-child'],
    ['a list', '- one\n- two', 'li:last-child'],
    ['a list in a list', '- one\n  - two', 'li li'],
  ])('a remark follows the last word of %s', (_name, source, place) => {
    expect(draw(source, <i>(edited)</i>).querySelector(place)?.textContent).toBe('two (edited)');
  });

  test('a remark stands below code', () => {
    const root = draw('```\nx\n```', <i>(edited)</i>);
    expect(root.querySelector('pre')?.textContent).toBe('x');
    expect(root.lastElementChild?.textContent).toBe('(edited)');
  });
});

describe('a text made to hurt is only text', () => {
  test.each([
    ['quotes in quotes', '>'.repeat(4000)],
    ['lists in lists', '- '.repeat(2000)],
    ['numbers in numbers', '1. '.repeat(1300)],
    ['mixed', '> - 1. '.repeat(500)],
    ['marks', '_a*'.repeat(1300)],
    ['brackets', '[a]('.repeat(1000)],
  ])('%s', (_name, source) => {
    const started = performance.now();
    const root = draw(source);
    expect(root.textContent).toBe(source.trimEnd());
    expect(root.querySelectorAll('*').length).toBeLessThan(5);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('a long program full of marks is still a program', () => {
    const code = 'let a_b = *c_d;\n'.repeat(200);
    expect(draw(`\`\`\`\n${code}\`\`\``).querySelector('pre')?.textContent).toBe(code.trimEnd());
  });
});
