/** From one part of the page to the next by a key. It comes when it is wanted, or at idle. */

const LANDMARKS = '[data-landmark]';

/** F6: the next part of the page, at the thing in it that takes the focus. */
export function moveLandmark(step: 1 | -1): void {
  const parts = [...document.querySelectorAll<HTMLElement>(LANDMARKS)].filter((part) => part.offsetParent !== null);
  if (parts.length === 0) return;
  const here = parts.findIndex((part) => part.contains(document.activeElement));
  const next = parts[(here + step + parts.length) % parts.length];
  // The first that can be seen, of the kind wanted most.
  const wanted = [...(next?.dataset.landmark?.split(',') ?? []), 'a, button'];
  const target = wanted
    .flatMap((kind) => [...(next?.querySelectorAll<HTMLElement>(kind) ?? [])])
    .find((one) => one.checkVisibility({ visibilityProperty: true }));
  target?.focus();
}
