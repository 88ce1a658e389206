/** Dispatches the page's keys to whoever handles them now. */
import { type RefObject, useLayoutEffect, useRef } from 'react';
import { focusedByKeys } from './focus';
import { isInUse } from './panes';
import { type ActionName, actionOf, bindingsOf, type Keystroke, printed, type Scope } from './registry';

export { focusedByKeys } from './focus';
export { useOwnKeys } from './own';
export { isInUse } from './panes';
export { type ActionName, type Binding, bindingsOf, type Scope } from './registry';

export const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** What a keystroke means in a place, on this person's keyboard. */
export function keyAction<S extends Scope>(scope: S, stroke: Keystroke): ActionName<S> | undefined {
  return actionOf(scope, stroke, isApple);
}

/** While an input method composes, its keys are its own; 229 is what older engines say for that. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** The keys of an action, as they are printed on this person's keyboard. */
export function keysOf<S extends Scope>(scope: S, name: ActionName<S>): string;
export function keysOf(scope: Scope, name: string): string | undefined;
export function keysOf(scope: Scope, name: string): string | undefined {
  const binding = bindingsOf(scope).find((one) => one.name === name);
  return binding && printed(binding.keys, isApple);
}

export type Handlers = Partial<Record<ActionName<'page'>, () => void>>;

/** While mounted, the page's keys run these. */
export function usePageKeys(handlers: Handlers): void {
  const held = useRef(handlers);
  held.current = handlers;
  // With what is seen: a key that is pressed as soon as something stands there is heard.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isComposing(event) || event.defaultPrevented) return;
      const name = keyAction('page', event);
      const handler = name && held.current[name];
      if (!handler) return;
      event.preventDefault();
      handler();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

/** What takes letters for itself, or is open in front of the page. */
const TAKES_LETTERS =
  'input:not([type=range]), textarea, select, [contenteditable], [role=dialog], [role=menu], [role=listbox]';

/**
 * A letter typed with nothing in focus, or after a click on something that takes no letters, is the beginning of a message, in the
 * conversation in use; so is what is pasted, which means nothing else anywhere. `field` is where one writes in this one.
 */
export function useTypeToCompose(field: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const pastes = isPasting(event);
      if (event.defaultPrevented || !(pastes || isWriting(event)) || !isInUse(field.current)) return;
      const at = document.activeElement;
      if (at !== document.body && ((!pastes && focusedByKeys()) || at?.closest(TAKES_LETTERS))) return;
      // A browser pastes into what has the focus after this.
      field.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [field]);
}

/** Whether a key puts a character where one writes: Space works what has the focus, AltGr makes characters. */
function isWriting(event: KeyboardEvent): boolean {
  const command = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState('AltGraph');
  return !command && !isComposing(event) && event.key !== ' ' && [...event.key].length === 1;
}

function isPasting({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return (isApple ? metaKey : ctrlKey) && !altKey && key.toLowerCase() === 'v';
}
