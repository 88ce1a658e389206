/**
 * The focus is never lost. What has it may leave the page (a button that has done its work, a panel that closes), and what opened a
 * dialog or a menu may be gone when that closes (a message that was taken back, somebody who left). React Aria gives the focus back
 * where it can; where nobody did, it goes to what is nearest of what is left.
 */

const OVER = '[role=dialog], [role=alertdialog], [role=menu]';
/** What Tab stops at, but for the link that leads past other such; else whatever takes the focus at all. */
const STOPS = 'a[href]:not(.skip), button:not([tabindex="-1"]), input, textarea, select, [tabindex="0"]';
const KINDS = [STOPS, '[tabindex]'];

const isOver = (element: Element) => element.closest(OVER) !== null;

export function keepFocus(page: Document): void {
  /** What had the focus last under all dialogs and menus, then what is around it, the nearest first; of all this only what is left. */
  let trail: readonly Element[] = [];
  /** Something has the focus, or had it until it was taken away: a click beside everything gives it up. */
  let owed = page.activeElement !== page.body;
  let looking = false;

  const isLost = () => owed && (page.activeElement ?? page.body) === page.body && !page.querySelector(OVER);

  const look = () => {
    if (looking || !isLost()) return;
    looking = true;
    // React Aria takes one frame to give the focus back.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        looking = false;
        if (isLost()) land(trail);
      }),
    );
  };

  const removed = (node: Node, { previousSibling, nextSibling }: MutationRecord) => {
    const at = trail.findIndex((one) => node.contains(one));
    if (at < 0 || node.isConnected) return;
    const beside = [nextSibling, previousSibling].filter((one) => one instanceof Element);
    const next = [...trail.slice(0, at), ...beside, ...trail.slice(at)];
    trail = [...new Set(next)].filter((one) => one.isConnected);
  };

  page.addEventListener(
    'focusin',
    ({ target }) => {
      owed = true;
      if (target instanceof Element && !isOver(target)) trail = withAncestors(target);
    },
    true,
  );
  page.addEventListener(
    'pointerdown',
    () => {
      if (!page.querySelector(OVER)) owed = false;
    },
    true,
  );
  const watch = new MutationObserver((records) => {
    for (const record of records) for (const node of record.removedNodes) removed(node, record);
    look();
  });
  watch.observe(page.body, { childList: true, subtree: true });
}

function withAncestors(element: Element): Element[] {
  const all = [];
  for (let one: Element | null = element; one; one = one.parentElement) all.push(one);
  return all;
}

/** Gives the focus to the first that takes it: on a part of the page with a landmark, to what that wants most. */
function land(trail: readonly Element[]): void {
  for (const part of trail) {
    const wanted = part instanceof HTMLElement ? (part.dataset.landmark?.split(',') ?? []) : [];
    for (const kind of [...wanted, ...KINDS]) {
      const stops = [...(part.matches(kind) ? [part] : []), ...part.querySelectorAll(kind)];
      const stop = stops.find((one) => one instanceof HTMLElement && takesFocus(one));
      if (stop instanceof HTMLElement) {
        stop.focus({ preventScroll: true });
        if (stop === stop.ownerDocument.activeElement) return;
      }
    }
  }
}

function takesFocus(element: HTMLElement): boolean {
  if (!element.checkVisibility({ visibilityProperty: true }) || element.matches(':disabled')) return false;
  // On a phone the focus of a field brings up the keyboard.
  if (element.matches('input, textarea') && matchMedia('(pointer: coarse)').matches) return false;
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}
