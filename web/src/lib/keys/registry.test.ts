import { describe, expect, test } from 'vitest';
import { actionOf, bindingsOf, KEYS, type Keystroke, printed, type Scope } from './registry';
import { stroke } from './samples';

const pageAction = (stroke: Keystroke) => actionOf('page', stroke, false);

const SCOPES = Object.keys(KEYS) as Scope[];
const keysIn = (scope: Scope): string[] => bindingsOf(scope).map((binding) => binding.keys);

test.each(SCOPES)('no key means two things in one place: %s', (scope) => {
  expect(new Set(keysIn(scope)).size).toBe(keysIn(scope).length);
});

test('no page key takes a key from the composer or a message', () => {
  const page = keysIn('page');
  const others = SCOPES.filter((scope) => scope !== 'page').flatMap(keysIn);
  expect(others.filter((keys) => page.includes(keys))).toEqual([]);
});

test('single letters act only on a message', () => {
  const others = SCOPES.filter((scope) => scope !== 'message').flatMap(keysIn);
  expect(others.filter((keys) => /^\p{L}$/u.test(keys))).toEqual([]);
});

test('signs and figures act only in front of a picture', () => {
  const others = SCOPES.filter((scope) => scope !== 'viewer').flatMap(keysIn);
  expect(others.filter((keys) => /^\P{L}$/u.test(keys))).toEqual([]);
});

test('plus is plus on every keyboard, and looking aside is not leafing', () => {
  const viewer = (key: string, code: string, change: Partial<Keystroke> = {}) =>
    actionOf('viewer', stroke(key, code, change), false);
  expect(viewer('+', 'Equal', { shiftKey: true })).toBe('zoomIn');
  expect(viewer('+', 'BracketRight')).toBe('zoomIn');
  expect(viewer('+', 'NumpadAdd')).toBe('zoomIn');
  expect(viewer('=', 'Equal')).toBe('zoomInToo');
  expect(viewer('0', 'Digit0')).toBe('whole');
  expect(viewer('+', 'Equal', { ctrlKey: true })).toBeUndefined();
  expect(viewer('ArrowRight', 'ArrowRight')).toBe('pictureRight');
  expect(viewer('ArrowRight', 'ArrowRight', { shiftKey: true })).toBe('lookRight');
});

describe('page keys', () => {
  test('by the character', () => {
    expect(pageAction(stroke('k', 'KeyK', { ctrlKey: true }))).toBe('jump');
    expect(actionOf('page', stroke('k', 'KeyK', { metaKey: true }), true)).toBe('jump');
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

describe('keyboards of the world', () => {
  const ctrl = { ctrlKey: true };
  const composer = (key: string, code: string, change: Partial<Keystroke> = ctrl, apple = false) =>
    actionOf('composer', stroke(key, code, change), apple);

  test('Dvorak: a letter is what it says, wherever it lies', () => {
    expect(composer('c', 'KeyI')).toBeUndefined();
    expect(composer('i', 'KeyG')).toBe('italic');
    expect(composer('b', 'KeyN')).toBe('bold');
    expect(actionOf('message', stroke('r', 'KeyO'), false)).toBe('reply');
    expect(actionOf('message', stroke('p', 'KeyR'), false)).toBeUndefined();
  });

  test('German and Nordic: zooming out opens nothing, the slash over the seven opens the help', () => {
    expect(pageAction(stroke('-', 'Slash', ctrl))).toBeUndefined();
    expect(pageAction(stroke('/', 'Digit7', { ctrlKey: true, shiftKey: true }))).toBe('help');
    expect(pageAction(stroke(':', 'Period', { ctrlKey: true, shiftKey: true }))).toBeUndefined();
  });

  test('AltGr writes and commands nothing', () => {
    expect(composer('€', 'KeyE', { ctrlKey: true, altKey: true })).toBeUndefined();
  });

  test('Russian and Greek: the place of the key', () => {
    expect(composer('и', 'KeyB')).toBe('bold');
    expect(composer('Ч', 'KeyX', { ctrlKey: true, shiftKey: true })).toBe('strike');
    expect(actionOf('message', stroke('ρ', 'KeyR'), false)).toBe('reply');
  });

  test('French and Turkish letters are Latin, too', () => {
    expect(composer('é', 'KeyB')).toBeUndefined();
    expect(composer('ı', 'KeyI')).toBe('italic');
    expect(composer('ö', 'KeyX', { ctrlKey: true, shiftKey: true })).toBeUndefined();
  });

  test("Apple: the command key, and Control stays the system's", () => {
    expect(composer('b', 'KeyB', { metaKey: true }, true)).toBe('bold');
    expect(composer('b', 'KeyB', { ctrlKey: true }, true)).toBeUndefined();
    expect(composer('b', 'KeyB', { metaKey: true }, false)).toBeUndefined();
  });
});

test('keys are printed as the keyboard has them', () => {
  expect(printed('Mod+K', false)).toBe('Ctrl+K');
  expect(printed('Mod+K', true)).toBe('⌘+K');
});
