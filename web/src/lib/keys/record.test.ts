import { beforeEach, describe, expect, test } from 'vitest';
import { useOwnKeys } from './own';
import { CHOSEN_SCOPES, choose, refusalOf, reset, resetAll, strokeName } from './record';
import { actionOf, bindingsOf, KEYS } from './registry';
import { stroke } from './samples';

const ctrl = { ctrlKey: true };

beforeEach(() => {
  localStorage.clear();
  resetAll();
});

describe('what a stroke is called', () => {
  test.each([
    ['Mod+J', stroke('j', 'KeyJ', ctrl), false],
    ['Ctrl+J', stroke('j', 'KeyJ', ctrl), true],
    ['Mod+J', stroke('j', 'KeyJ', { metaKey: true }), true],
    ['Mod+Shift+J', stroke('J', 'KeyJ', { ...ctrl, shiftKey: true }), false],
    // By the letter it says, wherever it stands; by its place where the letters are not Latin.
    ['Mod+J', stroke('j', 'KeyC', ctrl), false],
    ['Mod+J', stroke('о', 'KeyJ', ctrl), false],
    ['Mod+.', stroke('。', 'Period', ctrl), false],
    // A sign that needs Shift on some keyboards is itself.
    ['Mod+;', stroke(';', 'Comma', { ...ctrl, shiftKey: true }), false],
    ['Alt+Shift+ArrowUp', stroke('ArrowUp', 'ArrowUp', { altKey: true, shiftKey: true }), false],
    [undefined, stroke('Control', 'ControlLeft', ctrl), false],
  ])('%s', (name, pressed, apple) => expect(strokeName(pressed, apple)).toBe(name));

  test('it means the action that got it, in every way of writing it', () => {
    const pressed = stroke(';', 'Comma', { ...ctrl, shiftKey: true });
    expect(choose('composer', 'bold', strokeName(pressed, false) ?? '', false)).toBeUndefined();
    expect(actionOf('composer', pressed, false)).toBe('bold');
    expect(actionOf('composer', stroke(';', 'Semicolon', ctrl), false)).toBe('bold');
    expect(actionOf('composer', stroke('b', 'KeyB', ctrl), false)).toBeUndefined();
  });
});

describe('what cannot be had', () => {
  test('every action may keep its own keys', () => {
    for (const apple of [false, true]) {
      for (const scope of CHOSEN_SCOPES) {
        for (const { name, keys } of bindingsOf(scope)) {
          expect([scope, name, refusalOf(scope, name, keys, apple)]).toEqual([scope, name, undefined]);
        }
      }
    }
  });

  test.each([
    ['page', 'Mod+T', 'reserved'],
    ['page', 'Mod+Shift+N', 'reserved'],
    ['page', 'Mod+1', 'reserved'],
    ['page', 'Mod+-', 'reserved'],
    ['page', 'F5', 'reserved'],
    ['message', 'Alt+ArrowLeft', 'reserved'],
    ['page', 'Mod+Alt+J', 'reserved'],
    ['composer', 'Mod+C', 'editing'],
    ['composer', 'Mod+ArrowLeft', 'editing'],
    ['page', 'Alt+Backspace', 'editing'],
    ['page', 'J', 'alone'],
    ['composer', 'Shift+J', 'alone'],
    ['composer', 'ArrowLeft', 'alone'],
    ['message', 'Tab', 'alone'],
    ['message', ' ', 'alone'],
    ['message', 'Dead', 'nameless'],
    ['message', '', 'nameless'],
  ] as const)('%s: %s is %s', (scope, keys, why) => {
    expect(refusalOf(scope, 'any', keys, false)).toEqual({ why });
  });

  test('what belongs to something else is told with what holds it; a key of the page is one everywhere', () => {
    expect(choose('composer', 'italic', 'Mod+B', false)).toEqual({ why: 'taken', scope: 'composer', name: 'bold' });
    expect(choose('message', 'reply', 'Mod+K', false)).toEqual({ why: 'taken', scope: 'page', name: 'jump' });
    expect(choose('page', 'jump', 'Mod+B', false)).toEqual({ why: 'taken', scope: 'composer', name: 'bold' });
    // Where Ctrl is the key of commands, both words are one key.
    expect(choose('page', 'jump', 'Ctrl+B', false)).toEqual({ why: 'taken', scope: 'composer', name: 'bold' });
    expect(choose('page', 'jump', 'Ctrl+B', true)).toBeUndefined();
    expect(choose('message', 'copy', 'J', false)).toBeUndefined();
  });

  test('nobody ends with two actions on one key, whatever they choose and reset', () => {
    expect(choose('composer', 'bold', 'Mod+J', false)).toBeUndefined();
    expect(choose('composer', 'italic', 'Mod+B', false)).toBeUndefined();
    expect(reset('composer', 'bold', false).refusal).toEqual({ why: 'taken', scope: 'composer', name: 'italic' });
    expect(useOwnKeys.getState()).toEqual({ 'composer.bold': 'Mod+J', 'composer.italic': 'Mod+B' });
    expect(reset('composer', 'italic', false).refusal).toBeUndefined();
    expect(reset('composer', 'bold', false).refusal).toBeUndefined();
    expect(useOwnKeys.getState()).toEqual({});
  });
});

test('chosen keys are kept on the device, the usual ones are not', () => {
  choose('page', 'jump', 'Mod+J', false);
  expect(JSON.parse(localStorage.getItem('chinwag.keys') ?? '')).toEqual({ 'page.jump': 'Mod+J' });
  choose('page', 'jump', KEYS.page.jump, false);
  expect(JSON.parse(localStorage.getItem('chinwag.keys') ?? '')).toEqual({});
});

test('what a person chose is theirs, also where a newer page gave it to something else', () => {
  useOwnKeys.setState({ 'composer.strike': 'Mod+B' }, true);
  expect(actionOf('composer', stroke('b', 'KeyB', ctrl), false)).toBe('strike');
});

test('another tab hears of it', () => {
  localStorage.setItem('chinwag.keys', '{"page.jump":"Mod+J","page.help":7}');
  window.dispatchEvent(new StorageEvent('storage', { key: 'chinwag.keys' }));
  expect(useOwnKeys.getState()).toEqual({ 'page.jump': 'Mod+J' });
});
