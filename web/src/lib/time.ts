/** Dates and times in the reader's language. Formatters are costly to make, so each is made once. */

const formatters = new Map<string, Intl.DateTimeFormat>();

/** English is read in many countries, and most of them put the day before the month: the browser knows which one this is. */
function regional(locale: string): string {
  return locale === 'en' ? (navigator.languages.find((tag) => tag.startsWith('en')) ?? locale) : locale;
}

function formatter(locale: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${name}`;
  let held = formatters.get(key);
  if (!held) {
    held = new Intl.DateTimeFormat(regional(locale), options);
    formatters.set(key, held);
  }
  return held;
}

/** How hours are told: `auto` is as this device's own language does. */
export type Clock = 'auto' | '12' | '24';

type Cycle = 'h12' | 'h23';
const cycles = new Map<string, Cycle>();

/** Of the languages of this device the one that is read, else the first: a German who reads English has no afternoons. */
function cycleOf(locale: string, clock: Clock): Cycle {
  if (clock !== 'auto') return clock === '12' ? 'h12' : 'h23';
  const held = cycles.get(locale);
  if (held) return held;
  const { languages } = navigator;
  const tag = languages.find((one) => one.startsWith(locale.slice(0, 2))) ?? languages[0] ?? locale;
  const twelve = new Intl.DateTimeFormat(tag, { hour: 'numeric' }).resolvedOptions().hour12;
  const cycle = twelve ? 'h12' : 'h23';
  cycles.set(locale, cycle);
  return cycle;
}

function clockOf(locale: string, clock: Clock): Intl.DateTimeFormat {
  const hourCycle = cycleOf(locale, clock);
  const hour = hourCycle === 'h12' ? 'numeric' : '2-digit';
  return formatter(locale, `clock ${hourCycle}`, { hour, minute: '2-digit', hourCycle });
}

/** `15:05`, or `3:05 pm`. */
export function clockTime(iso: string, locale: string, clock: Clock): string {
  return clockOf(locale, clock).format(new Date(iso));
}

/** The same where there is room for the digits alone. */
export function shortTime(iso: string, locale: string, clock: Clock): string {
  const parts = clockOf(locale, clock).formatToParts(new Date(iso));
  return parts
    .map(({ type, value }) => (type === 'dayPeriod' ? '' : value))
    .join('')
    .trim();
}

/** The whole moment, for tooltips. */
export function fullTime(iso: string, locale: string, clock: Clock): string {
  const hourCycle = cycleOf(locale, clock);
  const full = formatter(locale, `full ${hourCycle}`, { dateStyle: 'full', timeStyle: 'medium', hourCycle });
  return full.format(new Date(iso));
}

/** `25 November 2026`. */
export function longDate(iso: string, locale: string): string {
  return formatter(locale, 'long', { dateStyle: 'long' }).format(new Date(iso));
}

/** The local calendar day, as a key. */
export function dayKey(iso: string): string {
  const date = new Date(iso);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/** `Today`, `Yesterday`, a weekday of this week's past, or the date. */
export function dayName(iso: string, locale: string, now: Date = new Date()): string {
  const date = new Date(iso);
  const midnight = (moment: Date) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
  const days = Math.round((midnight(now) - midnight(date)) / 86_400_000);
  if (days === 0 || days === 1) {
    const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day');
    return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1);
  }
  if (days > 1 && days < 7) return formatter(locale, 'weekday', { weekday: 'long' }).format(date);
  const sameYear = date.getFullYear() === now.getFullYear();
  return formatter(locale, sameYear ? 'date' : 'dateYear', {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(date);
}
