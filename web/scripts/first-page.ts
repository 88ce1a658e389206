// A Vite plugin for index.html: what a browser is told before any of our code runs.
// - The styles and the script of the client stand at the end of the body: the skeleton is drawn before they have come.
// - boot.js is told which files stand behind the two doors (in a session or not) and which have the words of a language, and fetches
//   them at once: otherwise each would be asked for by the one before it.
// - <meta name="chinwag-build"> names the build. The word changes with anything a browser loads, for every file's name has its hash
//   and the page names the first of them. The server reads it there and tells it to every socket.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin, Rolldown } from 'vite';

const WEB = fileURLToPath(new URL('../', import.meta.url));
/** Run before all else: kept for good under the name of their content, as every asset. */
const BEFORE = ['boot.js', 'skeleton.css'];
/** Nobody needs them when the server is away. */
const NOT_KEPT = /\.map$|^assets\/(kit|docs)-/;
/** What is wanted first, behind which door or in which language; each becomes a chunk of its own. */
const WANTED = {
  in: ['src/app/shell.tsx'],
  out: ['src/app/gate.tsx'],
  en: ['src/locales/en/first.ts'],
  'zh-Hans': ['src/locales/zh-Hans/first.ts'],
};
const STYLES = / *<link rel="stylesheet" crossorigin[^>]*>\n/g;
const SCRIPT = / *<script type="module"[^>]*><\/script>\n/;

type Bundle = Rolldown.OutputBundle;

const hashOf = (source: string | Buffer) => createHash('sha256').update(source).digest('hex').slice(0, 12);

function chunkOf(bundle: Bundle, source: string): Rolldown.OutputChunk {
  for (const file of Object.values(bundle)) {
    if (file.type === 'chunk' && file.facadeModuleId?.endsWith(`/${source}`)) return file;
  }
  throw new Error(`${source} is no chunk any more: say in first-page.ts what the first visit needs`);
}

/** The chunk with all that it imports, and their styles. */
function filesOf(bundle: Bundle, chunk: Rolldown.OutputChunk, seen = new Set<string>()): Set<string> {
  if (seen.has(chunk.fileName)) return seen;
  seen.add(chunk.fileName);
  for (const style of chunk.viteMetadata?.importedCss ?? []) seen.add(style);
  for (const name of chunk.imports) {
    const next = bundle[name];
    if (next?.type === 'chunk') filesOf(bundle, next, seen);
  }
  return seen;
}

function behindDoors(bundle: Bundle, page: string): string {
  const lists = Object.entries(WANTED).map(([door, sources]) => {
    const files = sources.flatMap((source) => [...filesOf(bundle, chunkOf(bundle, source))]);
    return [door, files.map((file) => `/${file}`).filter((file) => !page.includes(`"${file}"`))];
  });
  return JSON.stringify(Object.fromEntries(lists));
}

/** The name of a public file among the assets. */
function kept(name: string): string {
  return `assets/${name.replace('.', `-${hashOf(readFileSync(`${WEB}public/${name}`))}.`)}`;
}

export function firstPage(): Plugin {
  let word = '';
  return {
    name: 'first-page',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { path, bundle }) {
        if (path !== '/index.html' || !bundle) return undefined;
        const [script] = html.match(SCRIPT) ?? [];
        const styles = html.match(STYLES) ?? [];
        if (!script || styles.length === 0) throw new Error('Vite writes the page differently: look at first-page.ts');
        let page = html
          .replace(SCRIPT, '')
          .replace(STYLES, '')
          .replace('  </body>', () => `${styles.join('')}${script}  </body>`)
          .replace('src="/boot.js"', () => `src="/boot.js" data-files='${behindDoors(bundle, html)}'`);
        for (const name of BEFORE) {
          page = page.replace(`"/${name}"`, `"/${kept(name)}"`);
        }
        word = hashOf(page);
        return page.replace('  </head>', `    <meta name="chinwag-build" content="${word}" />\n  </head>`);
      },
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        for (const name of BEFORE) {
          this.emitFile({ type: 'asset', fileName: kept(name), source: readFileSync(`${WEB}public/${name}`) });
        }
        const files = Object.keys(bundle).filter((name) => name.startsWith('assets/') && !NOT_KEPT.test(name));
        const source = readFileSync(`${WEB}sw.js`, 'utf8')
          .replace('__BUILD__', word)
          .replace('const FILES = [];', `const FILES = ${JSON.stringify(files.map((name) => `/${name}`))};`);
        this.emitFile({ type: 'asset', fileName: 'sw.js', source });
      },
    },
  };
}
