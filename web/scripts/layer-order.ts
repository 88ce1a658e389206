// A Vite plugin: every style sheet starts by naming the cascade layers in their order. Which chunk's sheet arrives first is
// the bundler's business; without this the first one would decide whether `base` or `ui` wins.
import type { Plugin } from 'vite';

const ORDER = '@layer tokens, base, ui, app;';

export function layerOrder(): Plugin {
  return {
    name: 'layer-order',
    enforce: 'pre',
    transform(code, id) {
      return /\/src\/[^?]*\.css($|\?)/.test(id) && !code.startsWith(ORDER)
        ? { code: `${ORDER}\n${code}`, map: null }
        : undefined;
    },
  };
}
