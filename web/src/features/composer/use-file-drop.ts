/** Files that are held over the page, from outside of it, and let go of there. */
import { useEffect, useRef, useState } from 'react';

const WATCHED = ['dragstart', 'dragend', 'dragover', 'dragleave', 'drop'] as const;

/** True while they are held; without this a browser would leave the page for the file. */
export function useFileDrop(onDrop: (files: readonly File[]) => void): boolean {
  const [over, setOver] = useState(false);
  const held = useRef(onDrop);
  held.current = onDrop;
  useEffect(() => {
    // A picture of this page that is dragged calls itself a file, too.
    let own = false;
    const on = (event: DragEvent) => {
      const { type, dataTransfer, relatedTarget } = event;
      if (type === 'dragstart' || type === 'dragend') own = type === 'dragstart';
      if (own || !dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      if (type === 'drop') held.current([...dataTransfer.files]);
      if (type === 'dragover') setOver(true);
      else if (!relatedTarget) setOver(false);
    };
    for (const type of WATCHED) window.addEventListener(type, on);
    return () => {
      for (const type of WATCHED) window.removeEventListener(type, on);
    };
  }, []);
  return over;
}
