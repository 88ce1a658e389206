/** How large a video stands among messages, before and after it has come. */
import { fitted } from './zoom';

const MOST = { width: 420, height: 320 };
/** What a video of an unknown shape gets. */
const USUAL = { width: 16, height: 9 };

export function filmBox(width?: number | null, height?: number | null): { width: number; shape: string } {
  const sides = width && height ? { width, height } : USUAL;
  const scale = Math.max(MOST.width / sides.width, MOST.height / sides.height);
  // A small one is made as large as its place: it is looked at, not measured.
  const box = fitted({ width: sides.width * scale, height: sides.height * scale }, MOST);
  return { width: Math.round(box.width), shape: `${sides.width} / ${sides.height}` };
}
