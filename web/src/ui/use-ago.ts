/** "3 minutes ago", told anew every minute. */
import { useEffect, useState } from 'react';
import { useLocale } from 'use-intl';

const STEPS = [
  ['year', 31_536_000],
  ['month', 2_628_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** Seconds are told as "now" where there is none of them. What has been is past, whatever this device's clock believes. */
export function ago(iso: string, now: number, locale: string): string {
  const seconds = Math.min(0, Math.round((Date.parse(iso) - now) / 1000));
  const [unit, length] = STEPS.find(([, one]) => Math.abs(seconds) >= one) ?? (['second', 1] as const);
  const numeric = unit === 'second' ? 'auto' : 'always';
  return new Intl.RelativeTimeFormat(locale, { numeric }).format(Math.round(seconds / length), unit);
}

export function useAgo(): (iso: string) => string {
  const locale = useLocale();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return (iso) => ago(iso, now, locale);
}
