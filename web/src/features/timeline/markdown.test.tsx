import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { IntlProvider } from 'use-intl';
import { describe, expect, test } from 'vitest';
import type { MentionSpan } from '../../gen/wire';
import { safeHref } from '../../lib/markdown';
import messages from '../../locales/en';
import { Markdown } from './markdown';

const ME = 1;
const MENTIONS: readonly MentionSpan[] = [];

function draw(source: string, tail?: ReactNode, mentions = MENTIONS): HTMLElement {
  return render(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <Markdown source={source} mentions={mentions} me={ME} tail={tail} />
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
    expect(draw('one\n  two\n\nthree').querySelector('p')?.textContent).toBe('one\n  two\n\nthree');
  });

  test('what the message came with as mentions are chips, and nothing else', () => {
    const spans = [
      { start: 0, length: 5, user_id: 2 },
      { start: 10, length: 3, user_id: ME },
      { start: 14, length: 4, user_id: 0 },
    ];
    const root = draw('@maya and @me @all, not @nobody nor mail@maya', undefined, spans);
    const chips = [...root.querySelectorAll('.md-mention')];
    expect(chips.map((chip) => chip.textContent)).toEqual(['@maya', '@me', '@all']);
    expect(chips.map((chip) => chip.getAttribute('data-me'))).toEqual([null, 'true', null]);
    expect(root.textContent).toBe('@maya and @me @all, not @nobody nor mail@maya');
  });

  test.each([
    ['words', '# one\ntwo', 'p:last-child'],
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

describe('a text made to hurt costs no more than another of its length', () => {
  function costOf(source: string) {
    const before = process.cpuUsage();
    const root = draw(source);
    return { root, cost: process.cpuUsage(before).user };
  }
  /** The dearest honest text of this length: it makes the most elements. */
  const honest = () => costOf('*a* '.repeat(2500)).cost;

  test.each([
    ['marks behind three backticks', `x\`\`\`${'*a_'.repeat(3300)}`],
    ['quotes in quotes', `${'> '.repeat(4000)}a`],
    ['lists in lists', `${'- '.repeat(4000)}a`],
    ['lists below lists', Array.from({ length: 120 }, (_, deep) => `${'  '.repeat(deep)}- a`).join('\n')],
    ['marks in marks', '**_'.repeat(3300) + 'a'.repeat(99)],
    ['a mark at each word', '*a* '.repeat(2500)],
    ['brackets', '[a]('.repeat(2500)],
    ['a name without an end', `@${'文'.repeat(9999)}`],
  ])('%s', (_name, source) => {
    const { root, cost } = costOf(source);
    expect(root.textContent?.replace(/[^\p{L}]/gu, '')).toBe(source.replace(/[^\p{L}]/gu, ''));
    expect(Math.max(0, ...[...root.querySelectorAll('*')].map(depth))).toBeLessThan(40);
    // Within one run, for machines differ. What took time with the square of the length was eight times as dear.
    expect(cost / honest()).toBeLessThan(4);
  });

  test('a long program full of marks is still a program', () => {
    const code = 'let a_b = *c_d;\n'.repeat(200);
    expect(draw(`\`\`\`\n${code}\`\`\``).querySelector('pre')?.textContent).toBe(code.trimEnd());
  });
});

function depth(element: Element): number {
  let levels = 0;
  for (let at: Element | null = element; at; at = at.parentElement) levels += 1;
  return levels;
}

describe('a link says where it goes', () => {
  test('its label hides no other address', () => {
    expect(draw('[https://bank.example](https://evil.example/x)').textContent).toBe(
      'https://bank.example (evil.example)',
    );
    expect(draw('https://bank.example@evil.example').textContent).toContain('(evil.example)');
  });

  test('its sender writes no tip that only some see', () => {
    const root = draw('[a](https://a.example "click me") [b](https://b.example)');
    expect(root.querySelector('[title], [data-tip]')).toBeNull();
    expect(root.textContent).toContain('click me');
  });
});

describe('each text begins on its own side', () => {
  test.each(['שלום', '# שלום', '- שלום', '1. שלום', '> שלום', '|א|\n|-|'])('%s', (source) => {
    expect(draw(source).firstElementChild?.getAttribute('dir')).toBe('auto');
    // HTML looks for the first letter only in elements without a direction of their own.
    expect(draw(source).querySelectorAll('[dir] [dir]')).toHaveLength(0);
  });

  test('a program is read from the left', () => {
    expect(draw('```\nשלום = 1\n```').querySelector('pre')?.getAttribute('dir')).toBe('ltr');
  });

  test('a text that turns the line round ends what it began before the remark', () => {
    const text = draw('a\u202eb\u2067c', <i>(edited)</i>).textContent ?? '';
    expect(text).toBe('a\u202eb\u2067c\u2069\u202c (edited)');
    expect(draw('a\u2067b\u2069', <i>(edited)</i>).textContent).toBe('a\u2067b\u2069 (edited)');
  });
});

describe('a list has the numbers that were typed', () => {
  test.each([
    ['2. a\n5. b', [2, 5], ['', '']],
    ['1) a\n02) b', [1, 2], ['"1) "', '"02) "']],
  ])('%j', (source, values, styles) => {
    const items = [...draw(source).querySelectorAll('li')];
    expect(items.map((item) => item.value)).toEqual(values);
    expect(items.map((item) => item.style.listStyleType)).toEqual(styles);
  });
});
