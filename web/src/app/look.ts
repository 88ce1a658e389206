/** Applies how the page looks on this device, and keeps it for the next visit (read by public/boot.js before the first paint). */
import { type Look, useLook } from '../state';
import { isLocale, preferredLocale } from './i18n';

const KEY = 'chinwag.look';
const COLORS = { light: '#f3efea', dark: '#0e1016' };

function saved(): Partial<Look> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Whether this theme is dark now, on this device. */
export function isDark(theme: Look['theme']): boolean {
  return theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
}

function apply(look: Look): void {
  const root = document.documentElement;
  const dark = isDark(look.theme);
  root.dataset.theme = dark ? 'dark' : 'light';
  root.lang = look.locale;
  root.style.fontSize = look.scale === 100 ? '' : `${look.scale}%`;
  if (look.density === 'compact') root.dataset.density = 'compact';
  else delete root.dataset.density;
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', COLORS[dark ? 'dark' : 'light']);
}

/** Starts from what was saved; follows every later change, also of the system's own theme. */
export function startLook(): void {
  const held = saved();
  useLook.setState({
    theme: held.theme === 'light' || held.theme === 'dark' ? held.theme : 'system',
    locale: isLocale(held.locale) ? held.locale : preferredLocale(navigator.languages),
    scale: typeof held.scale === 'number' && held.scale >= 87 && held.scale <= 150 ? held.scale : 100,
    density: held.density === 'compact' ? 'compact' : 'cosy',
    clock: held.clock === '12' || held.clock === '24' ? held.clock : 'auto',
  });
  apply(useLook.getState());
  useLook.subscribe((look) => {
    apply(look);
    try {
      localStorage.setItem(KEY, JSON.stringify(look));
    } catch {
      // Storage is closed: the look lasts as long as the page.
    }
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => apply(useLook.getState()));
}

/** What the person chose elsewhere holds here too; what they never chose leaves this browser's own choice alone. */
export function adoptLook(theme: string | null | undefined, locale: string | null | undefined): void {
  const change: Partial<Look> = {
    ...(theme === 'light' || theme === 'dark' || theme === 'system' ? { theme } : {}),
    ...(isLocale(locale) ? { locale } : {}),
  };
  const held = useLook.getState();
  if ((change.theme ?? held.theme) !== held.theme || (change.locale ?? held.locale) !== held.locale) {
    useLook.setState(change);
  }
}
