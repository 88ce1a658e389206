// A Vite plugin: an icon is its shapes, and whether it points where reading goes or comes from (pointing-icons.json). Its name and the
// keys of its shapes are for code that we do not use (src/ui/icon.ts), and nothing in a bundle packs worse than such keys.
import type { Plugin } from 'vite';
import pointing from './pointing-icons.json' with { type: 'json' };

const DATA = /lucide-react\/dist\/esm\/icons\/([^/]+)\.mjs/;

export function plainIcons(): Plugin {
  return {
    name: 'plain-icons',
    transform(code, id) {
      const name = DATA.exec(id)?.[1];
      if (name === undefined) return undefined;
      const bare = code.replaceAll(/, key: "\w+"/g, '').replaceAll(/^\s*(name|size|aliases): .*,\n/gm, '');
      return {
        code: pointing.turn.includes(name) ? bare.replace('node: [', 'turns: true,\n  node: [') : bare,
        map: null,
      };
    },
  };
}
