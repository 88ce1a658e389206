// Adds up what a first visit downloads, from Vite's manifest, and fails over the budgets of the design. Run after a build.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LOCALES = readdirSync(new URL('../src/locales/', import.meta.url));
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const gzipped = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;

/** Every chunk that loads with this one, without the ones it may ask for later. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const dependency of manifest[key].imports ?? []) closure(dependency, seen);
  return seen;
}

function weigh(keys) {
  const chunks = [...keys].map((key) => manifest[key]);
  const js = new Set(chunks.map((chunk) => chunk.file).filter((file) => file.endsWith('.js')));
  const css = new Set(chunks.flatMap((chunk) => chunk.css ?? []));
  const sum = (files) => [...files].reduce((total, file) => total + gzipped(file), 0);
  return { js: sum(js), css: sum(css) };
}

const first = weigh(closure('index.html'));
const initial = closure('index.html');
// Once each: the page preloads what the style sheet names too.
const fontFiles = new Set(
  [...initial]
    .flatMap((key) => manifest[key].assets ?? [])
    .filter((file) => file.endsWith('.woff2') && /figtree-latin-wght-normal/.test(file)),
);
const fonts = [...fontFiles].reduce((total, file) => total + statSync(fileURLToPath(new URL(file, dist))).size, 0);

/** What somebody who is in downloads before the first room stands: the entry, the shell, the words of one language. */
function roomIn(locale) {
  return weigh(new Set([...initial, ...closure('src/app/shell.tsx'), ...closure(`src/locales/${locale}/first.ts`)])).js;
}

const rows = [
  ['initial JS', first.js, 125],
  ...LOCALES.map((locale) => [`JS until the first room stands, ${locale}`, roomIn(locale), 125]),
  ['initial CSS', first.css, 20],
  ['fonts on first view', fonts, 25],
];
for (const [key, chunk] of Object.entries(manifest)) {
  if (!chunk.isDynamicEntry) continue;
  const own = [...closure(key)].filter((dependency) => !initial.has(dependency));
  rows.push([`lazy ${chunk.name ?? key}`, weigh(own).js, 80]);
}

let over = false;
for (const [name, bytes, budget] of rows) {
  const kilobytes = bytes / 1024;
  const bad = kilobytes > budget;
  over ||= bad;
  console.log(`${bad ? 'OVER' : 'ok  '} ${name.padEnd(40)} ${kilobytes.toFixed(1).padStart(7)} KB of ${budget}`);
}
process.exitCode = over ? 1 : 0;
