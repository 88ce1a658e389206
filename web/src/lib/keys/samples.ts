/** For tests: keystrokes as the keyboard tells them. */
import type { Keystroke } from './registry';

export const stroke = (key: string, code: string, change: Partial<Keystroke> = {}): Keystroke => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...change,
});
