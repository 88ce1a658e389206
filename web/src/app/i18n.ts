/** The words of the client, one language at a time: first what a room says, then all the rest. */
import type first from '../locales/en/first.json';
import type rest from '../locales/en/rest.json';
import type refusal from '../locales/zh-Hans/refusal.json';
import { LOCALES, type Locale } from '../state';

type First = typeof first;
type Rest = typeof rest;
/** The server explains its refusals in English: these are its sentences in other languages. */
type Refusal = typeof refusal;
export type Messages = First & Rest & Refusal;

declare module 'use-intl' {
  interface AppConfig {
    Locale: Locale;
    Messages: Messages;
  }
}

interface Language {
  first(): Promise<{ default: First }>;
  rest(): Promise<{ default: Rest }>;
  refusal?(): Promise<{ default: Refusal }>;
}

/** Every file is told to the bundler by name, so that each is one small chunk. */
const LANGUAGES: Record<Locale, Language> = {
  en: {
    first: () => import('../locales/en/first.json'),
    rest: () => import('../locales/en/rest.json'),
  },
  'zh-Hans': {
    first: () => import('../locales/zh-Hans/first.json'),
    rest: () => import('../locales/zh-Hans/rest.json'),
    refusal: () => import('../locales/zh-Hans/refusal.json'),
  },
};

/** What the first room says. */
export async function loadFirst(locale: Locale): Promise<Partial<Messages>> {
  const { first, refusal } = LANGUAGES[locale];
  const [words, no] = await Promise.all([first(), refusal?.()]);
  return { ...words.default, ...no?.default };
}

export async function loadMessages(locale: Locale): Promise<Partial<Messages>> {
  const [first, rest] = await Promise.all([loadFirst(locale), LANGUAGES[locale].rest()]);
  return { ...first, ...rest.default };
}

/** The first language the reader knows that the client speaks too. */
export function preferredLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'zh') return 'zh-Hans';
    if (language === 'en') return 'en';
  }
  return 'en';
}

export function isLocale(value: unknown): value is Locale {
  return LOCALES.some((locale) => locale === value);
}
