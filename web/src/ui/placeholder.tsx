/** What stands for a picture until it has come: its colours, from the hash that the server tells of it. */
import { useEffect, useRef } from 'react';
import { thumbHashToRGBA } from 'thumbhash';

/** A few pixels that the browser makes soft by enlarging them. */
export function Placeholder({ hash }: { hash: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const drawn = pixelsOf(hash);
    const here = canvas.current;
    if (!here || !drawn) return;
    here.width = drawn.w;
    here.height = drawn.h;
    const pixels = new ImageData(Uint8ClampedArray.from(drawn.rgba), drawn.w, drawn.h);
    here.getContext('2d')?.putImageData(pixels, 0, 0);
  }, [hash]);
  return <canvas ref={canvas} />;
}

/** Nothing where it is no hash at all: the box is grey then. */
export function pixelsOf(hash: string): ReturnType<typeof thumbHashToRGBA> | undefined {
  try {
    const bytes = Uint8Array.from(atob(hash), (letter) => letter.charCodeAt(0));
    return bytes.length < 5 ? undefined : thumbHashToRGBA(bytes);
  } catch {
    return undefined;
  }
}
