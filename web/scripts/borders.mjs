// Keeps the folders apart: who may import whom, and where the DOM may not be touched. Part of `npm run lint`.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../src', import.meta.url));
const allowed = {
  gen: ['gen'],
  lib: ['lib', 'gen'],
  state: ['state', 'lib', 'gen'],
  net: ['net', 'state', 'lib', 'gen'],
  ui: ['ui', 'lib'],
  features: ['features', 'state', 'net', 'ui', 'lib', 'gen', 'locales'],
};
const withoutDom = new Set(['net', 'state']);
const dom = /\b(document|window|localStorage|requestAnimationFrame)\s*[.(]/;
const comment = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
/** Code that comes later fails to come: only these know what then. */
const doors = /(?:lazyPart(?:<\w+>)?|lazyWithWords(?:<\w+>)?|lazyCode|fetchCode)\(\s*\(\) =>\s*$/;
/** A keyboard's event asked by hand, also where a handler takes it apart: `({ key, code })`. */
const readsKeys =
  /\b(?:e|ev|event|nativeEvent|stroke)\.(?:key|code|keyCode|which)\b|\(\{[^}]*\b(?:key|code|keyCode)\b[^}]*\}(?:: \w*KeyboardEvent[^)]*)\)/;
const saysKeys = /(?:\bkeys|data-tip-keys)="(?:\w+\+)*[\w.,/]+"/;
const maxLines = 600;

const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(ts|tsx|css)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));
const faults = [];

for (const file of files) {
  const path = relative(src, file);
  const [folder, feature] = path.split('/');
  const text = readFileSync(file, 'utf8');
  const lines = text.split('\n').length;
  if (lines > maxLines && folder !== 'gen') faults.push(`${path}: ${lines} lines; split it below ${maxLines}`);
  if (!/\.tsx?$/.test(file)) continue;
  if (withoutDom.has(folder) && !/\.test\.tsx?$/.test(file) && dom.test(text.replace(comment, ''))) {
    faults.push(`${path}: ${folder}/ must not touch the DOM; hand it in from app/`);
  }
  if (['app', 'features', 'ui'].includes(folder) && !/\.test\.tsx?$/.test(file)) {
    if (readsKeys.test(text))
      faults.push(`${path}: what a key means is asked of lib/keys, by its name in the registry`);
    if (folder + feature !== 'featureskit' && saysKeys.test(text)) {
      faults.push(`${path}: keys are printed by keysOf, for this person's keyboard`);
    }
  }
  if (!/\.test\.tsx?$/.test(file)) {
    const code = text.replace(comment, '');
    for (const { index } of code.matchAll(/\bimport\(/g)) {
      if (!doors.test(code.slice(0, index)))
        faults.push(`${path}: a bare import(); give it to lazyPart, lazyCode or fetchCode`);
    }
    if (/import \{[^}]*\b(lazy|Suspense)\b[^}]*\} from 'react'/.test(code)) {
      faults.push(`${path}: React.lazy keeps a failed load for ever; use lazyPart`);
    }
  }
  for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
    const [toFolder, toFeature] = relative(src, resolve(dirname(file), target)).split('/');
    if (toFolder === 'features' && folder === 'features' && toFeature !== feature) {
      faults.push(`${path}: a feature imports another (${toFeature}); compose them in app/`);
    } else if (folder in allowed && !allowed[folder].includes(toFolder)) {
      faults.push(`${path}: ${folder}/ may not import ${toFolder}/`);
    }
  }
}

for (const fault of faults) console.error(fault);
console.log(`borders: ${files.length} files, ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
