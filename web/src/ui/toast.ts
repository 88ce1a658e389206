/** Results of what a person did, told in passing. No drawing: that is toast-region.tsx, and comes later. */

export interface Toast {
  text: string;
  tone?: 'info' | 'ok' | 'error';
  action?: { label: string; onAction: () => void };
}

export interface ShownToast extends Toast {
  id: number;
}

/** At most this many at once: the oldest gives way. */
const LIMIT = 3;

let shown: readonly ShownToast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly ShownToast[]) {
  shown = next;
  for (const listener of listeners) listener();
}

/** For `useSyncExternalStore`. */
export function subscribeToasts(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** Tells the result of the person's own action. Returns what takes it away again. */
export function toast(message: Toast): () => void {
  const id = nextId++;
  set([...shown.slice(1 - LIMIT), { ...message, id }]);
  return () => closeToast(id);
}

export const shownToasts = () => shown;

export function closeToast(id: number): void {
  set(shown.filter((one) => one.id !== id));
}
