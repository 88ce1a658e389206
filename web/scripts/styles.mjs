// Keeps the style sheets to what the tokens say: spaces are those of the scale, and no token is kept that nothing uses. Part of
// `npm run lint`.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../src/', import.meta.url));
const comment = /\/\*[\s\S]*?\*\//g;
const declaration = /(?<=[{;\s])([a-z-]+):\s*([^;{}]+);/g;
const space = /^(?:(?:scroll-)?(?:margin|padding)|(?:row-|column-)?gap|inset|top|right|bottom|left)(?:-|$)/;
/** One and two pixels are optical corrections, and the same on every scale. */
const rawLength = /(?<![\w.])(?!-?[0-2]px)-?[\d.]+px/;

const lineAt = (text, index) => text.slice(0, index).split('\n').length;
const files = readdirSync(src, { recursive: true }).filter((name) => /\.(css|tsx?)$/.test(name));
const texts = new Map(files.map((name) => [name, readFileSync(`${src}${name}`, 'utf8')]));
const faults = [];

for (const [path, text] of texts) {
  if (!path.endsWith('.css')) continue;
  const code = text.replace(comment, (one) => one.replace(/[^\n]/g, ' '));
  for (const { 1: property, 2: value, index } of code.matchAll(declaration)) {
    const at = `${path}:${lineAt(code, index)}: ${property}: ${value}`;
    if (space.test(property) && rawLength.test(value)) {
      faults.push(
        `${at}: take the nearest space of tokens.css (--s-…); a size that is no space gets a name of its own`,
      );
    }
  }
}

const named = (pattern, text) => [...text.matchAll(pattern)].map(([, name]) => name);
const used = new Set([...texts.values()].flatMap((text) => named(/var\((--[\w-]+)/g, text)));
const tokens = new Set(named(/^\s*(--[\w-]+):/gm, texts.get('ui/tokens.css') ?? ''));
for (const name of tokens) {
  if (!used.has(name)) faults.push(`${name} of tokens.css is used nowhere: delete it`);
}
for (const name of used) {
  if (name.startsWith('--s-') && !tokens.has(name)) faults.push(`${name} is no space of tokens.css`);
}

for (const fault of faults) console.error(fault);
console.log(`styles: ${files.length} files, ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
