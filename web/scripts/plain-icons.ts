// A Vite plugin: an icon is its shapes. Its name and the keys of its shapes are for code that we do not use (src/ui/icon.ts), and
// nothing in a bundle packs worse than such keys.
import type { Plugin } from 'vite';

export function plainIcons(): Plugin {
  return {
    name: 'plain-icons',
    apply: 'build',
    transform(code, id) {
      return /lucide-react\/dist\/esm\/icons\/[^/]+\.mjs$/.test(id)
        ? { code: code.replaceAll(/, key: "\w+"/g, '').replaceAll(/^\s*(name|size|aliases): .*,\n/gm, ''), map: null }
        : undefined;
    },
  };
}
