/** The page's own rhythm. */

/** A page that draws has had a frame by then. */
const NO_FRAME_MS = 50;

/** Runs once: with the next frame, or soon where none comes. A hidden page gets none, nor does one that is hidden right now. */
export function soon(run: () => void): void {
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, NO_FRAME_MS);
  function once(): void {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    run();
  }
}
