/** Cuts a square out of a picture, as small as anybody shows it. Whatever else the file told is not in it. */
import type { Point, Size } from '../../lib/media/zoom';

/** What the server keeps of it. */
const MOST = 512;
const QUALITY = 0.9;

export async function cutOut(picture: HTMLImageElement, part: Size & Point): Promise<Blob> {
  const side = Math.max(1, Math.min(MOST, Math.round(part.width)));
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, part.x, part.y, part.width, part.height, 0, 0, side, side);
  const type = isClear(context.getImageData(0, 0, side, side).data) ? 'image/png' : 'image/jpeg';
  return new Promise((done, fail) => {
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('no picture'))), type, QUALITY);
  });
}

/** JPEG would fill what can be seen through with black. */
function isClear(pixels: Uint8ClampedArray): boolean {
  for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 255) return true;
  return false;
}
