// Keeps the style sheets to what the tokens say: spaces are those of the scale, no token is kept that nothing uses, and sides are told
// by the direction of reading, icons that point among them. Part of `npm run lint`.
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

/** What may point to a side, by its name; up and down are the same on both. */
const points =
  /(?:^|-)(?:left|right|arrow|chevrons?|corner|log|send|reply|forward|undo|redo|external|play|rotate|step|skip|move|import|export|indent|quote|panel|sidebar)(?:-|$)/;
const upright = /^(?:arrow|chevron|chevrons)-(?:up|down)$/;
const pointing = JSON.parse(readFileSync(new URL('pointing-icons.json', import.meta.url), 'utf8'));
const iconImport = /import \{([^}]*)\} from 'lucide-react'/g;
/** `ArrowDownAZ` lies in `arrow-down-a-z`, `Link2` in `link-2`. */
const iconFile = (name) =>
  name
    .replace(/(?<=.)([A-Z])/g, '-$1')
    .replace(/(?<=[a-z])(\d)/g, '-$1')
    .toLowerCase();

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
/** React Aria tells it. */
const theirs = new Set(['--visual-viewport-height']);
const set = new Set([...texts.values()].flatMap((text) => named(/(?<![\w-(])['"]?(--[\w-]+)['"]?:/g, text)));
const tokens = new Set(named(/^\s*(--[\w-]+):/gm, texts.get('ui/tokens.css') ?? ''));
for (const name of tokens) {
  if (!used.has(name)) faults.push(`${name} of tokens.css is used nowhere: delete it`);
}
for (const name of used) {
  if (name.startsWith('--s-') && !tokens.has(name)) faults.push(`${name} is no space of tokens.css`);
  else if (!set.has(name) && !theirs.has(name))
    faults.push(`${name} is set nowhere: what reads it draws something else`);
}

const known = new Set([...pointing.turn, ...Object.keys(pointing.stay)]);
const drawn = new Set();
for (const [path, text] of texts) {
  for (const [, names] of text.matchAll(iconImport)) {
    for (const name of names.split(',').map((one) => one.trim().split(' as ')[0])) {
      const file = iconFile(name);
      drawn.add(file);
      if (points.test(file) && !upright.test(file) && !known.has(file)) {
        faults.push(`${path}: ${name} points: does it turn with the page? Say it in scripts/pointing-icons.json`);
      }
    }
  }
}
for (const name of known) {
  if (!drawn.has(name)) faults.push(`${name} of pointing-icons.json is drawn nowhere: take it out`);
}

for (const fault of faults) console.error(fault);
console.log(`styles: ${files.length} files, ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
