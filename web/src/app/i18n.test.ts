import { readdirSync, readFileSync } from 'node:fs';
import { createTranslator } from 'use-intl/core';
import { expect, test } from 'vitest';
import en from '../locales/en';
import zh from '../locales/zh-Hans';
import { preferredLocale } from './i18n';

type Tree = { readonly [key: string]: string | Tree };

function flat(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value]] : flat(value, `${path}${key}.`),
  );
}

/** Names in braces and tags, without the words of their branches. */
function holes(message: string): string[] {
  const found = new Set<string>();
  for (const [, name] of message.matchAll(/\{\s*(\w+)\s*[,}]/g)) if (name) found.add(name);
  for (const [, name] of message.matchAll(/<(\w+)>/g)) if (name) found.add(`<${name}>`);
  return [...found].sort();
}

/** As they are written: what is imported is compiled. */
function written(locale: string): Tree {
  const folder = `src/locales/${locale}`;
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return Object.assign({}, ...files.map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))));
}

const english = new Map(flat(written('en')));
const chinese = new Map(flat(written('zh-Hans')));

test('both languages have the same messages', () => {
  const both = [...chinese.keys()].filter((key) => !key.startsWith('refusal.'));
  expect(both.sort()).toEqual([...english.keys()].sort());
});

test.each(['en', 'zh-Hans'])('every file of %s has the words of one feature, and is loaded', (locale) => {
  const folder = `src/locales/${locale}`;
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  for (const file of files) {
    const inside = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
    expect(Object.keys(inside)).toEqual([file.replace('.json', '')]);
  }
  const loaded = Object.keys(locale === 'en' ? en : zh).map((feature) => `${feature}.json`);
  expect(loaded.sort()).toEqual(files.sort());
});

test('no message is empty, and every Chinese one uses only what the English one is given', () => {
  const faults: string[] = [];
  // What the code hands to a message in either language; English may leave some out that Chinese needs.
  const given: Record<string, string[]> = { 'composer.placeholder': ['kind', 'room'] };
  for (const [key, words] of english) {
    const other = chinese.get(key) ?? '';
    if (words.trim() === '' || other.trim() === '') faults.push(`${key} is empty`);
    const known = given[key] ?? holes(words);
    for (const hole of holes(other)) if (!known.includes(hole)) faults.push(`${key} uses {${hole}}`);
  }
  expect(faults).toEqual([]);
});

/** The choices of a message: what it selects by, with the words it knows. */
function choices(message: string): [string, string[]][] {
  return [...message.matchAll(/\{(\w+), select,/g)].map(({ 0: head, 1: name = '', index }) => {
    const branches: string[] = [];
    let depth = 0;
    for (const [part, word] of message.slice(index + head.length).matchAll(/(\w+) \{|\{|\}/g)) {
      if (part === '}') depth -= 1;
      else {
        if (depth === 0 && word) branches.push(word);
        depth += 1;
      }
      if (depth < 0) break;
    }
    return [name, branches];
  });
}

/** Everything that a message can be made to say, where all that is written by others is this. */
function sentences(locale: 'en' | 'zh-Hans', key: string, message: string, text: string): string[] {
  const t = createTranslator({ locale, messages: (locale === 'en' ? en : zh) as never });
  const given: Record<string, unknown>[] = [{}];
  for (const [name, words] of choices(message)) {
    given.push(...given.splice(0).flatMap((one) => words.map((word) => ({ ...one, [name]: word }))));
  }
  for (const [, name = '', kind] of message.matchAll(/\{(\w+)(?:, (plural|number))?[^{}]*?[,}]/g)) {
    const numbers = kind ? [0, 1, 2, 7] : [text];
    given.push(
      ...given.splice(0).flatMap((one) => (name in one ? [one] : numbers.map((value) => ({ ...one, [name]: value })))),
    );
  }
  const tags = [...message.matchAll(/<(\w+)>/g)].map(([, tag]) => [tag, (words: string) => words]);
  return given.map((one) => t.markup(key as never, { ...one, ...Object.fromEntries(tags) } as never));
}

test('a name read from the right, or one that turns letters round, does so to no sentence', () => {
  const name = 'דוד\u202e\u2069x';
  const faults: string[] = [];
  let told = 0;
  for (const [locale, messages] of [['en', english] as const, ['zh-Hans', chinese] as const]) {
    for (const [key, message] of messages) {
      for (const sentence of sentences(locale, key, message, name)) {
        told += sentence.split('דוד').length - 1;
        const ours = sentence.replaceAll('\u2068דוד\u202ex\u202c\u2069', '');
        if (/[\u0590-\u05ff\u202a-\u202e\u2066-\u2069]/.test(ours)) faults.push(`${locale} ${key}: ${sentence}`);
      }
    }
  }
  expect(faults).toEqual([]);
  expect(told, 'there are names in sentences').toBeGreaterThan(150);
});

test('a Chinese sentence has the marks of Chinese', () => {
  const latin = /\p{Script=Han}[,;:?!()]|[,;:?!()]\p{Script=Han}|\p{Script=Han}\.(?!\w)|"/u;
  const bare = (message: string) => message.replace(/<\/?\w+>|\{\w+, (?:plural|select),/g, '').replace(/\{\w+\}/g, 'x');
  expect([...chinese].filter(([, message]) => latin.test(bare(message)))).toEqual([]);
});

test('every refusal the server knows can be said in Chinese', () => {
  const { components } = JSON.parse(readFileSync('../docs/openapi.json', 'utf8'));
  // What only a broken client can meet.
  const never = ['unknown_type', 'method_not_allowed', 'unsupported_media_type'];
  const codes: string[] = components.schemas.ErrorCode.enum;
  const wanted = codes.filter((code) => !never.includes(code));
  const told = [...chinese.keys()].flatMap((key) => key.match(/^refusal\.code\.(\w+)$/)?.[1] ?? []);
  expect(told.sort()).toEqual(wanted.sort());
});

test('the language follows the reader', () => {
  expect(preferredLocale(['fr-FR', 'zh-TW'])).toBe('zh-Hans');
  expect(preferredLocale(['de', 'en-GB'])).toBe('en');
  expect(preferredLocale([])).toBe('en');
});
