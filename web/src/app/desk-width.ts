/** How wide the desk is on this device. */
import { create } from 'zustand';

export const NARROWEST = 220;
export const WIDEST = 400;
const USUAL = 272;
const KEY = 'chinwag.desk';

const clamped = (width: number) => Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));

function saved(): number {
  try {
    const width = Number(localStorage.getItem(KEY) ?? USUAL);
    return Number.isFinite(width) ? clamped(width) : USUAL;
  } catch {
    return USUAL;
  }
}

export const useDeskWidth = create<{ readonly width: number }>(() => ({ width: saved() }));

/** Without a width: back to the usual one. */
export function setDeskWidth(wanted: number = USUAL): void {
  const width = clamped(wanted);
  useDeskWidth.setState({ width });
  try {
    if (width === USUAL) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, String(width));
  } catch {
    // Storage is closed: the width lasts as long as the page.
  }
}
