/** The words of the client, one language at a time: first what a room says, then all the rest. */
import type first from '../locales/en/first.json';
import type rest from '../locales/en/rest.json';
import { LOCALES, type Locale } from '../state';

type First = typeof first;
type Rest = typeof rest;
export type Messages = First & Rest;

declare module 'use-intl' {
  interface AppConfig {
    Locale: Locale;
    Messages: Messages;
  }
}

interface Language {
  first(): Promise<{ default: First }>;
  rest(): Promise<{ default: Rest }>;
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
  },
};

/** What the first room says. */
export async function loadFirst(locale: Locale): Promise<First> {
  return (await LANGUAGES[locale].first()).default;
}

export async function loadMessages(locale: Locale): Promise<Messages> {
  const { first, rest } = LANGUAGES[locale];
  const [begun, whole] = await Promise.all([first(), rest()]);
  return { ...begun.default, ...whole.default };
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
