// Leaves of marked what the client uses. Its ready instance, made when the module loads, keeps the renderer and the parser
// in the bundle, which nobody calls here: a fifth of the library.
import type { Plugin } from 'vite';

/** From the instance on there is nothing but the functions that go through it. */
const INSTANCE = /var (\w+)=new \w+;function (\w+)\(\w+,\w+\)\{return \1\.parse\(/;

export function lexerOnly(): Plugin {
  return {
    name: 'lexer-only',
    apply: 'build',
    transform(code, id) {
      if (!id.endsWith('/marked/lib/marked.esm.js')) return;
      const from = code.search(INSTANCE);
      const lexer = code.match(/export\{[^}]*?(\w+) as Lexer[,}]/)?.[1];
      if (from < 0 || !lexer) this.error('marked looks different: see whether its lexer still comes alone');
      return { code: `${code.slice(0, from)}export{${lexer} as Lexer};`, map: null };
    },
  };
}
