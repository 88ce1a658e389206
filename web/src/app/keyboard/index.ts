/** Dispatches the page's keys to whoever handles them now. */
import { useEffect, useRef } from 'react';
import { type ActionName, pageAction } from './registry';

export { type ActionName, BINDINGS, type Binding, printed, type Scope } from './registry';

export const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

export type Handlers = Partial<Record<ActionName, () => void>>;

/** While mounted, the page's keys run these. */
export function usePageKeys(handlers: Handlers): void {
  const held = useRef(handlers);
  held.current = handlers;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented) return;
      const name = pageAction(event);
      const handler = name && held.current[name];
      if (!handler) return;
      event.preventDefault();
      handler();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

/** A letter typed with nothing in focus is the beginning of a message. */
export function useTypeToCompose(focus: () => void): void {
  const held = useRef(focus);
  held.current = focus;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || [...event.key].length !== 1) return;
      if (event.key === ' ' || document.activeElement !== document.body) return;
      held.current();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

const LANDMARKS = '[data-landmark]';

/** F6: the next part of the page, at the thing in it that takes the focus. */
export function moveLandmark(step: 1 | -1): void {
  const parts = [...document.querySelectorAll<HTMLElement>(LANDMARKS)].filter((part) => part.offsetParent !== null);
  if (parts.length === 0) return;
  const here = parts.findIndex((part) => part.contains(document.activeElement));
  const next = parts[(here + step + parts.length) % parts.length];
  const wanted = next?.dataset.landmark;
  const target = (wanted && next?.querySelector<HTMLElement>(wanted)) || next?.querySelector<HTMLElement>('a,button');
  target?.focus();
}
