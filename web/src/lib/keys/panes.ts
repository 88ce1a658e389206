/**
 * Several conversations may stand side by side, each in a `data-pane`. What is typed with no place of its own in focus belongs to the
 * one that has the focus, else to the one that was last in use, else to the first.
 */
const PANE = '[data-pane]';
let last: Element | null = null;

const used = ({ target }: Event) => {
  const pane = target instanceof Element ? target.closest(PANE) : null;
  if (pane) last = pane;
};
window.addEventListener('pointerdown', used, true);
window.addEventListener('focusin', used, true);

/** The conversation that keys without a place are meant for. */
function paneInUse(): Element | null {
  return document.activeElement?.closest(PANE) ?? (last?.isConnected ? last : document.querySelector(PANE));
}

/** Whether they are meant for the one in which this stands. */
export function isInUse(part: Element | null): boolean {
  const pane = part?.closest(PANE);
  return pane != null && pane === paneInUse();
}
