import { describe, expect, test } from 'vitest';
import { BINDINGS, type Keystroke, pageAction, printed } from './registry';

const stroke = (key: string, code: string, change: Partial<Keystroke> = {}): Keystroke => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...change,
});

test('no key means two things in one place', () => {
  const seen = BINDINGS.map((binding) => `${binding.scope} ${binding.keys}`);
  expect(new Set(seen).size).toBe(seen.length);
});

test('no page key takes a key from the composer or a message', () => {
  const page = new Set(BINDINGS.filter((one) => one.scope === 'page').map((one) => one.keys));
  expect(BINDINGS.filter((one) => one.scope !== 'page' && page.has(one.keys))).toEqual([]);
});

test('single letters act only on a message', () => {
  const letters = BINDINGS.filter((binding) => /^.$/.test(binding.keys));
  expect(letters.every((binding) => binding.scope === 'message')).toBe(true);
});

describe('page keys', () => {
  test('by the character', () => {
    expect(pageAction(stroke('k', 'KeyK', { ctrlKey: true }))).toBe('jump');
    expect(pageAction(stroke('k', 'KeyK', { metaKey: true }))).toBe('jump');
    expect(pageAction(stroke('k', 'KeyK'))).toBeUndefined();
  });

  test('by the place of the key where letters are not Latin', () => {
    expect(pageAction(stroke('л', 'KeyK', { ctrlKey: true }))).toBe('jump');
    expect(pageAction(stroke('。', 'Period', { ctrlKey: true }))).toBe('panel');
  });

  test('a Latin letter of another layout is what it says', () => {
    expect(pageAction(stroke('t', 'KeyK', { ctrlKey: true }))).toBeUndefined();
  });

  test('with Shift or without is not the same', () => {
    expect(pageAction(stroke('ArrowDown', 'ArrowDown', { altKey: true }))).toBe('nextRoom');
    expect(pageAction(stroke('ArrowDown', 'ArrowDown', { altKey: true, shiftKey: true }))).toBe('nextUnread');
  });
});

test('keys are printed as the keyboard has them', () => {
  expect(printed('Mod+K', false)).toBe('Ctrl+K');
  expect(printed('Mod+K', true)).toBe('⌘+K');
});
