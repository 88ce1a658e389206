/** How the focus came to where it is: what a single letter does depends on it. */
let last: 'keys' | 'pointer' = 'keys';
let came: 'keys' | 'pointer' = 'keys';

/** Whether the focus was brought to its place by keys. A press of a pointer, also on what has it already, takes that back. */
export function focusedByKeys(): boolean {
  return came === 'keys';
}

/** Watches from the moment the shell is loaded. */
function watch(target: Window): void {
  const pointed = () => {
    last = 'pointer';
    came = 'pointer';
  };
  target.addEventListener('pointerdown', pointed, true);
  // Ahead of whoever moves the focus by a key; the key itself does not change how the focus came.
  target.addEventListener('keydown', () => (last = 'keys'), true);
  target.addEventListener('focusin', () => (came = last), true);
}

watch(window);
