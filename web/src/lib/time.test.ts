import { afterEach, expect, test, vi } from 'vitest';
import type { longDate } from './time';

const DAY = '2026-11-25T12:00:00.000Z';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Formatters are kept: each reader needs a fresh module. */
async function readBy(...languages: string[]): Promise<typeof longDate> {
  vi.stubGlobal('navigator', { languages });
  return (await import('./time')).longDate;
}

test('an English date is written as the reader writes it', async () => {
  expect((await readBy('de', 'en-GB'))(DAY, 'en')).toBe('25 November 2026');
  vi.resetModules();
  expect((await readBy('en-US', 'en'))(DAY, 'en')).toBe('November 25, 2026');
});

test('who reads no English by habit gets the plain one', async () => {
  expect((await readBy('fr-FR'))(DAY, 'en')).toBe('November 25, 2026');
});

test('a Chinese date is not asked for by country', async () => {
  expect((await readBy('zh-TW'))(DAY, 'zh-Hans')).toBe('2026年11月25日');
});
