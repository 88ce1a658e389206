/** The words of the client, one language at a time: first what a room says, then all the rest. */
import { fetchCode } from '../lib/fetch-code';
import type first from '../locales/en/first';
import type rest from '../locales/en/rest';
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
  rest(): Promise<{ default: Rest & Partial<Refusal> }>;
}

/** Each language is two chunks, whatever number of files they are made of: every feature has its own. */
const LANGUAGES: Record<Locale, Language> = {
  en: {
    first: () => fetchCode(() => import('../locales/en/first')),
    rest: () => fetchCode(() => import('../locales/en/rest')),
  },
  'zh-Hans': {
    first: () => fetchCode(() => import('../locales/zh-Hans/first')),
    rest: () => fetchCode(() => import('../locales/zh-Hans/rest')),
  },
};

/** What the first room says. */
export async function loadFirst(locale: Locale): Promise<Partial<Messages>> {
  return (await LANGUAGES[locale].first()).default;
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
