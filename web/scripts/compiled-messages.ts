// A Vite plugin: reads the ICU messages before a browser does, so that no parser for them has to be downloaded.
import compile from 'icu-minify/compile';
import type { Plugin } from 'vite';

type Tree = { [key: string]: unknown };

function compiled(value: unknown): unknown {
  if (typeof value === 'string') return compile(value);
  const entries = Object.entries(value as Tree).map(([key, part]) => [key, compiled(part)] as const);
  return Object.fromEntries(entries);
}

export function compiledMessages(): Plugin {
  return {
    name: 'compiled-messages',
    enforce: 'pre',
    transform(code, id) {
      return /\/src\/locales\/[^?]*\.json$/.test(id)
        ? { code: JSON.stringify(compiled(JSON.parse(code))), map: null }
        : undefined;
    },
  };
}
