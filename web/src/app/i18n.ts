/** The words of the client: each owner keeps files of its own, one language is loaded at a time. */
import type core from '../locales/en/core.json';
import type kit from '../locales/en/kit.json';
import { LOCALES, type Locale } from '../state';

export type Messages = typeof core & typeof kit;

declare module 'use-intl' {
  interface AppConfig {
    Locale: Locale;
    Messages: Messages;
  }
}

/** Every file is told to the bundler by name, so that one language is one small chunk. */
const LANGUAGES: Record<Locale, () => Promise<Messages>> = {
  en: () => import('../locales/en').then((chunk) => chunk.default),
  'zh-Hans': () => import('../locales/zh-Hans').then((chunk) => chunk.default),
};

export function loadMessages(locale: Locale): Promise<Messages> {
  return LANGUAGES[locale]();
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
