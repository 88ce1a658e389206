/**
 * The browser's Back closes what lies over a phone's page before it leaves the page. While anything of that kind is open, the
 * history has one step more, a mark with the address of the page below it; whatever happens, `settle` makes the two agree again.
 */
import { useEffect, useRef } from 'react';

const MARK = 'over';

/** What is open, the topmost last: each is closed by its function. */
const open: { close(): void }[] = [];
/** A step back was asked for and has not come yet: the browser takes it later than the call. */
let stepping = false;
let waiting: (() => void)[] = [];

function isMarked(): boolean {
  return (history.state as { [MARK]?: true } | null)?.[MARK] === true;
}

function settle(): void {
  if (stepping || open.length > 0 === isMarked()) return;
  if (open.length > 0) history.pushState({ [MARK]: true }, '');
  else stepBack();
}

/** After the effects of the same drawing: one sheet that follows another takes over its mark. */
function settleSoon(): void {
  queueMicrotask(settle);
}

window.addEventListener('popstate', () => {
  if (stepping) {
    stepping = false;
    const late = waiting;
    waiting = [];
    for (const run of late) run();
  } else if (!isMarked()) open.at(-1)?.close();
  settleSoon();
});

/** While it is open, Back closes it and does nothing else. */
export function useBackCloses(isOpen: boolean, onClose: () => void): void {
  const held = useRef(onClose);
  held.current = onClose;
  useEffect(() => {
    if (!isOpen) return;
    const one = { close: () => held.current() };
    open.push(one);
    settleSoon();
    return () => {
      open.splice(open.indexOf(one), 1);
      settleSoon();
    };
  }, [isOpen]);
}

/** One step back, as by the browser's button; a way that is taken meanwhile begins after it. */
export function stepBack(): void {
  if (stepping) return;
  stepping = true;
  history.back();
}

type Step<Options> = (to: string, options?: Options) => void;

/** A way that begins in what is open takes the mark's place: back from there is the page below, not what was open over it. */
export function stepFrom<Options extends { replace?: boolean }>(
  step: Step<Options>,
  to: string,
  options?: Options,
): void {
  const run = () => step(to, isMarked() ? ({ ...options, replace: true } as Options) : options);
  if (stepping) waiting.push(run);
  else run();
}

// A page that was loaded anew has nothing open.
settleSoon();
