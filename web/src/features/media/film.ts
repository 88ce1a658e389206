/** A video that was picked: its sides, and a picture of it for those who have not played it. It plays nothing to anybody. */
import { posterOf } from './poster';

export interface FilmFacts {
  readonly width: number;
  readonly height: number;
  readonly poster: Blob | undefined;
}

/** So long a browser may take over a file before the video goes without a picture. */
const MOST_MS = 8000;
/** Many begin in the dark. */
const INTO_S = 1;

/** Nothing where this browser cannot play it. */
export async function filmOf(content: Blob): Promise<FilmFacts | undefined> {
  const video = document.createElement('video');
  const src = URL.createObjectURL(content);
  const over = AbortSignal.timeout(MOST_MS);
  try {
    video.muted = true;
    video.playsInline = true;
    video.preload = 'auto';
    const loaded = next(video, 'loadeddata', over);
    video.src = src;
    await loaded;
    const sought = next(video, 'seeked', over);
    video.currentTime = Math.min(INTO_S, video.duration / 2) || 0;
    await sought;
    const { videoWidth: width, videoHeight: height } = video;
    // A sound in the box of a video has none.
    return width > 0 && height > 0 ? { width, height, poster: await posterOf(video) } : undefined;
  } catch {
    return undefined;
  } finally {
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(src);
  }
}

function next(video: HTMLVideoElement, event: string, over: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    video.addEventListener(event, () => done(), { once: true });
    video.addEventListener('error', () => failed(video.error), { once: true });
    over.addEventListener('abort', () => failed(over.reason), { once: true });
  });
}
