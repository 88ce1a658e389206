// The service worker: keeps the files of one build of the client, so that the page opens when the server is away and an open tab
// finds its own parts after an upgrade. It never touches the API: what was read is kept by net/cache.ts, and goes at logout.
// The build writes its word and its files here (scripts/first-page.ts).
const BUILD = '__BUILD__';
const FILES = [];

const PREFIX = 'chinwag-page-';
/** What the server answers itself. */
const DOORS = /^\/(api|ws|health|metrics)(\/|$)/;
/** A server that has not answered by then is as good as away for who waits for a page. */
const PATIENCE_MS = 3000;

self.addEventListener('install', (event) => {
  const page = new Request('/', { cache: 'reload' });
  event.waitUntil(caches.open(PREFIX + BUILD).then((cache) => cache.addAll([page, ...FILES])));
});

self.addEventListener('activate', (event) => event.waitUntil(settle()));

/** Clears what is older than the build before this one: a tab may still be of that. */
async function settle() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== PREFIX + BUILD);
  await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

/** Only a page of this very build makes it take over, which is a page that somebody has loaded anew. */
self.addEventListener('message', ({ data }) => {
  if (data?.type === 'page' && data.build === BUILD) void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin || DOORS.test(pathname)) return;
  if (request.mode === 'navigate') event.respondWith(page(event));
  else if (pathname.startsWith('/assets/')) event.respondWith(asset(request));
});

async function asset(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/** The server's word first, so that nobody stays on an old page; the kept page when the server is away. */
async function page(event) {
  const fresh = Promise.resolve(event.preloadResponse).then((response) => response ?? fetch(event.request));
  const late = new Promise((done) => setTimeout(done, PATIENCE_MS));
  const answer = await Promise.race([fresh, late]).catch(() => undefined);
  // A proxy before a server that is away answers for it.
  if (answer && answer.status < 500) return answer;
  return (await caches.match('/', { cacheName: PREFIX + BUILD })) ?? fresh;
}
