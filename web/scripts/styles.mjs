// Keeps the style sheets to what the tokens say: spaces are those of the scale, no token is kept that nothing uses, and sides are told
// by the direction of reading. Part of `npm run lint`.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../src/', import.meta.url));
const comment = /\/\*[\s\S]*?\*\//g;
const declaration = /(?<=[{;\s])([a-z-]+):\s*([^;{}]+);/g;
const space = /^(?:(?:scroll-)?(?:margin|padding)|(?:row-|column-)?gap|inset|top|right|bottom|left)(?:-|$)/;
/** One and two pixels are optical corrections, and the same on every scale. */
const rawLength = /(?<![\w.])(?!-?[0-2]px)-?[\d.]+px/;
/** Left and right are start and end; what knows only sides is turned by --forward. */
const side = /^(?:left|right)$|-(?:left|right)(?:-|$)/;
const sides = [
  [/^(?:text-align|float|clear|justify-(?:content|items|self))$/, /\b(?:left|right)\b/],
  [
    /^(?:margin|padding|inset|scroll-margin|scroll-padding|border-width)$/,
    ({ 1: right, 3: left }) => left !== undefined && left !== right,
  ],
  [/^border-radius$/, ([a, b, c, d]) => d !== undefined && (a !== b || c !== d)],
  [/^translate$/, ([x]) => !/^(?:none|0)$|--forward/.test(x)],
  [/^rotate$/, /^-?90deg$/],
  [/^(?:background|background-image|mask)$/, /gradient\((?:-?90deg|to (?:left|right))/],
  [/^box-shadow$/, /^inset -?[1-9]\S* 0 0 /],
];
/** An exception says why, right before it. */
const excused = /\/\* Physical: [^*]{12,}\*\/\s*$/;

/** A function is one word, whatever it holds. */
function words(value) {
  const flat = value.replace(/\([^()]*\)/g, (inner) => inner.replace(/[()]/g, '|').replace(/\s/g, '_'));
  return flat === value ? value.split(/\s+/) : words(flat);
}
const sided = (property, value) =>
  side.test(property) ||
  sides.some(([of, test]) => of.test(property) && (test instanceof RegExp ? test.test(value) : test(words(value))));
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
    if (sided(property, value) && !excused.test(text.slice(0, index))) {
      faults.push(
        `${at}: say start and end, or turn it by --forward; /* Physical: why. */ before it where it must not turn`,
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
