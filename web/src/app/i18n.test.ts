import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import en from '../locales/en';
import zh from '../locales/zh-Hans';
import refusal from '../locales/zh-Hans/refusal.json';
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

const english = new Map(flat(en));
const chinese = new Map(flat(zh));

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

test('every refusal the server knows can be said in Chinese', () => {
  const { components } = JSON.parse(readFileSync('../docs/openapi.json', 'utf8'));
  // What only a broken client can meet.
  const never = ['unknown_type', 'method_not_allowed', 'unsupported_media_type'];
  const codes: string[] = components.schemas.ErrorCode.enum;
  const wanted = codes.filter((code) => !never.includes(code));
  expect(Object.keys(refusal.refusal.code).sort()).toEqual(wanted.sort());
});

test('the language follows the reader', () => {
  expect(preferredLocale(['fr-FR', 'zh-TW'])).toBe('zh-Hans');
  expect(preferredLocale(['de', 'en-GB'])).toBe('en');
  expect(preferredLocale([])).toBe('en');
});
