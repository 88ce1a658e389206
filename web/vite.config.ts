/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compiledMessages } from './scripts/compiled-messages.ts';
import { emojiData } from './scripts/emoji-data.ts';
import { firstPage } from './scripts/first-page.ts';
import { layerOrder } from './scripts/layer-order.ts';
import { plainIcons } from './scripts/plain-icons.ts';

const backend = process.env.CHINWAG_BACKEND ?? 'http://127.0.0.1:8080';
/** The server takes unsafe calls and sockets from its own origin only; the proxy speaks as that origin. */
const asOwnOrigin = { target: backend, headers: { origin: backend } };

/**
 * What every page of the client begins with, as three chunks: cut finer, along who uses what, the same code packs worse and takes
 * more requests. Each imports only those before it, for a circle of chunks does not start. What others made comes first and stays
 * in a browser's store over most releases.
 */
const OTHERS =
  /node_modules\/(react|react-dom|scheduler|use-intl|@formatjs|use-sync-external-store|zustand|wouter|regexparam|virtua)\/|node_modules\/lucide-react\/dist\/esm\/(?!icons\/)|src\/(ui\/icon|lib\/(bidi|format-message))\.ts/;
/** Each is a few hundred bytes: one that a single later part draws goes with that part. */
const ICONS = /node_modules\/lucide-react\/dist\/esm\/icons\//;
/** Drawn by several parts, none of which is there from the beginning. */
const LATER_ICONS =
  /node_modules\/lucide-react\/dist\/esm\/icons\/(?:chevron-(?:left|right)|circle-(?:check|exclamation-point)|download|eye|eye-off|file[a-z-]*|folder-open|image-(?:off|plus|up)|keyboard|languages|log-out|message-(?:circle(?:-plus)?|square)|mic|moon|pause|play|search-x|square|sun|upload|video|zoom-(?:in|out))\.mjs/;
/** Every line is a folder or file that the first room needs anyway. */
const FIRST = new RegExp(
  [
    'vite/preload-helper',
    'src/(net/(?!account|acquaint|avatars|carry|claims|emojis|file-lists|find|kept-uploads|lobby|members-here|rooms|tus|upload-disk|uploads)|state/(?!emojis|upload-changes))',
    'src/ui/(avatar|badge|boundary|brand|button|classes|lazy-part|overlay|progress|state|stopped|tint|toast|visually-hidden)\\.(tsx?|css)$',
    'src/(ui/base|ui/tokens|app/app)\\.css$',
    'src/features/(composer/caret|rooms/(desk|use-share)|timeline/(items|row-actions|row-table|use-message))\\.tsx?$',
    'src/app/(app|badge|build|desk-width|i18n|keyboard|last-room|last-session|look|server-facts|session|words)(/|\\.tsx?$)',
    'src/lib/(?!avatars|bytes|file-kind|forward|keys/landmarks|keys/record|media|several)',
  ].join('|'),
);

/** What has come before anything later is asked for, and what has come besides where a room stands. */
const THERE = /\/(?:others|first|rolldown-runtime)-/;
const THERE_TOO = /\/(?:others|first|rolldown-runtime|icons|shell)-/;
/** Of what a room's page may ask for: what it may open with, or is opened as its first thing. The rest comes ahead of its use. */
const AT_ONCE = /\/(?:attachments|files-part|panel-body|preview)-/;

/** What is fetched beside a later part, because that will ask for it. The list stands in the chunk that asks for the part. */
function beside(part: string, deps: string[], host: string): string[] {
  if (host.includes('/shell-') && !AT_ONCE.test(part)) return [];
  const there = THERE.test(`/${host}`) ? THERE : THERE_TOO;
  return deps.filter((dep) => !there.test(dep));
}

/** Kept small: parts of libraries that do more than is asked of them here. */
const LIGHTER = [
  // React has had this hook of its own since 18; wouter runs with older ones, too.
  { find: 'use-sync-external-store/shim/index.js', replacement: 'react' },
  // The messages are compiled, and what they are given is isolated.
  {
    find: /^use-intl\/format-message$/,
    replacement: fileURLToPath(new URL('src/lib/format-message.ts', import.meta.url)),
  },
];

export default defineConfig({
  resolve: { alias: LIGHTER },
  plugins: [react(), emojiData(), layerOrder(), plainIcons(), compiledMessages(), firstPage()],
  build: {
    target: 'es2022',
    // What knows `light-dark()`: rewritten for older ones, one page could not show both themes.
    cssTarget: ['chrome123', 'edge123', 'firefox128', 'safari17.5'],
    manifest: true,
    // The CSP has no `data:` for scripts, styles and fonts: keep every asset a file.
    assetsInlineLimit: 0,
    modulePreload: {
      polyfill: false,
      resolveDependencies: (part, deps, { hostId, hostType }) =>
        hostType === 'html' ? deps : beside(part, deps, hostId),
    },
    rolldownOptions: {
      input: ['index.html', 'docs.html'],
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: 'others', test: OTHERS },
            { name: 'later-icons', test: LATER_ICONS, minShareCount: 2 },
            { name: 'icons', test: ICONS, minShareCount: 2 },
            { name: 'first', test: FIRST },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    proxy: { '/api': asOwnOrigin, '/ws': { ...asOwnOrigin, ws: true } },
  },
  preview: {
    proxy: { '/api': asOwnOrigin, '/ws': { ...asOwnOrigin, ws: true } },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    // It shall read its messages by the module that stands for its own.
    server: { deps: { inline: ['use-intl'] } },
    // A shared machine may be slow; a test that hangs still ends.
    testTimeout: 30_000,
  },
});
