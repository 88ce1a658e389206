import { fitted } from '../../lib/media/zoom';

/** The longer side, in pixels: what a timeline shows is no larger. */
const MOST = { width: 1024, height: 1024 };

/** A page that draws has drawn a frame by then. */
const DRAWN_MS = 1000;

/** Its bytes are there before it is drawn: until then a picture of it is black. */
function drawn(video: HTMLVideoElement): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, DRAWN_MS);
    video.requestVideoFrameCallback?.(() => done());
  });
}

/** What a video shows at this moment, as a picture; nothing where it shows nothing yet. */
export async function posterOf(video: HTMLVideoElement): Promise<Blob | undefined> {
  await drawn(video);
  if (video.videoWidth === 0) return undefined;
  const size = fitted({ width: video.videoWidth, height: video.videoHeight }, MOST);
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(size.width);
  canvas.height = Math.round(size.height);
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.85));
  return blob ?? undefined;
}
