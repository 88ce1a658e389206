/** Which build of the client this page is, and how it gives way to another: never by itself, always whole. */

/** The word that the build has put into the page; empty in development. */
export const BUILD = document.querySelector<HTMLMetaElement>('meta[name=chinwag-build]')?.content ?? '';

/** Keeps the files of this build on the device (sw.js). Without a secure address there is no such thing, and the page goes on. */
export async function keepPage(): Promise<void> {
  if (BUILD === '' || !('serviceWorker' in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.register('/sw.js');
    const greet = (worker: ServiceWorker | null) => worker?.postMessage({ type: 'page', build: BUILD });
    const welcome = () => {
      const worker = registration.installing;
      worker?.addEventListener('statechange', () => {
        if (worker.state === 'installed') greet(worker);
      });
    };
    greet(registration.waiting);
    // The browser looks for another by itself whenever a page is opened: it may have found it before this was asked.
    welcome();
    registration.addEventListener('updatefound', welcome);
  } catch {
    // Storage is closed or full: the page needs the server then, as every page does.
  }
}
