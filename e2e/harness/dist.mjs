/** The web client from a directory instead of from the server's binary: for whoever works on the pages and builds them often. */
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';

export const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain',
};
export const BUILD = /<meta name="chinwag-build"[^>]*>/;
/** What the server makes itself: calls, and the manifest, which bears its name. */
export const DOORS = /^\/(api\/(?!docs$)|ws|health|metrics|manifest\.webmanifest)/;

/** @param {import('playwright-core').BrowserContext} context */
export async function servePages(context, server, directory) {
  const root = resolve(directory);
  const told = await fetch(server.address);
  const policy = told.headers.get('content-security-policy');
  const build = BUILD.exec(await told.text())?.[0] ?? '';
  await context.route(
    (url) => url.origin === server.origin && !DOORS.test(url.pathname),
    (route) => {
      const { pathname } = new URL(route.request().url());
      const wanted = join(root, pathname);
      const page = pathname === '/api/docs' ? 'docs.html' : 'index.html';
      const path = extname(pathname) && existsSync(wanted) ? wanted : join(root, page);
      if (path.endsWith('index.html')) {
        // A page that is not the server's own would offer to reload.
        const body = readFileSync(path, 'utf8').replace(BUILD, build);
        return route.fulfill({ body, contentType: TYPES['.html'], headers: { 'content-security-policy': policy } });
      }
      return route.fulfill({ path, contentType: TYPES[extname(path)], headers: { 'content-security-policy': policy } });
    },
  );
}
