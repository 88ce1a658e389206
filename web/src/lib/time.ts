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

/** `15:05`. */
export function clockTime(iso: string, locale: string): string {
  return formatter(locale, 'clock', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(iso));
}

/** The whole moment, for tooltips. */
export function fullTime(iso: string, locale: string): string {
  return formatter(locale, 'full', { dateStyle: 'full', timeStyle: 'medium', hourCycle: 'h23' }).format(new Date(iso));
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
