/** How the page looks on this device: theme, language, size, density, clock. `app/` applies it and keeps it. */
import { create } from 'zustand';
import type { Clock } from '../lib/time';

export type Theme = 'light' | 'dark' | 'system';
export type Locale = 'en' | 'zh-Hans';
export const LOCALES: readonly Locale[] = ['en', 'zh-Hans'];

export interface Look {
  readonly theme: Theme;
  readonly locale: Locale;
  /** Font size in percent, 87 to 150. */
  readonly scale: number;
  readonly density: 'cosy' | 'compact';
  readonly clock: Clock;
}

export const useLook = create<Look>(() => ({
  theme: 'system',
  locale: 'en',
  scale: 100,
  density: 'cosy',
  clock: 'auto',
}));
