import { afterEach, describe, expect, test, vi } from 'vitest';
import type * as Time from './time';

const DAY = '2026-11-25T12:00:00.000Z';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Formatters are kept: each reader needs a fresh module. */
async function timeOf(...languages: string[]): Promise<typeof Time> {
  vi.stubGlobal('navigator', { languages });
  return import('./time');
}

async function readBy(...languages: string[]): Promise<typeof Time.longDate> {
  return (await timeOf(...languages)).longDate;
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

describe('the clock', () => {
  const AFTERNOON = new Date(2026, 10, 25, 15, 5).toISOString();

  test.each([
    [['en-GB'], 'en', '15:05', '15:05'],
    [['en-US'], 'en', '3:05 PM', '3:05'],
    [['de-DE'], 'en', '15:05', '15:05'],
    [['zh-CN'], 'zh-Hans', '15:05', '15:05'],
    [['zh-TW'], 'zh-Hans', '下午3:05', '3:05'],
  ])('is told as %s tells it in %s', async (languages, locale, long, short) => {
    const time = await timeOf(...languages);
    expect(time.clockTime(AFTERNOON, locale, 'auto').replace('\u202f', ' ')).toBe(long);
    expect(time.shortTime(AFTERNOON, locale, 'auto')).toBe(short);
  });

  test('or as the person wants it', async () => {
    const time = await timeOf('en-GB');
    expect(time.clockTime(AFTERNOON, 'en', '12')).toMatch(/^3:05\sPM$/i);
    expect(time.fullTime(AFTERNOON, 'en', '12')).toMatch(/3:05:00\sPM/i);
    expect((await timeOf('en-US')).clockTime(AFTERNOON, 'en', '24')).toBe('15:05');
  });

  test('midnight and noon are twelve, or nothing and twelve', async () => {
    const time = await timeOf('en-US');
    const [midnight, noon] = [0, 12].map((hour) => new Date(2026, 10, 25, hour, 0).toISOString());
    expect([midnight, noon].map((at) => time.clockTime(at ?? '', 'en', '12').replace(/\s/, ' '))).toEqual([
      '12:00 AM',
      '12:00 PM',
    ]);
    expect([midnight, noon].map((at) => time.clockTime(at ?? '', 'en', '24'))).toEqual(['00:00', '12:00']);
  });
});
