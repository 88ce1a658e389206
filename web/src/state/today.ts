/** Which day it is, as the page believes: day lines follow it. A laptop that slept over midnight has late timers, so it looks often. */
import { create } from 'zustand';
import { dayKey } from '../lib/time';

const LOOK_EVERY_MS = 30_000;

const keyOfNow = () => dayKey(new Date().toISOString());

export const useToday = create<{ readonly day: string }>(() => ({ day: keyOfNow() }));

/** Looks at the calendar again; also whenever the page is looked at. */
export function lookAtCalendar(): void {
  const day = keyOfNow();
  if (day !== useToday.getState().day) useToday.setState({ day });
}

/** Looks now and then, until the answer is called. */
export function followCalendar(): () => void {
  const timer = setInterval(lookAtCalendar, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
