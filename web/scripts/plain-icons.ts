// A Vite plugin: an icon is one line that a pen draws, and whether it points where reading goes or comes from (pointing-icons.json).
// Lucide tells its circles, boxes and lines apart and names each; nothing here asks for that, and each of the first view costs bytes.
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import pointing from './pointing-icons.json' with { type: 'json' };

const DATA = /lucide-react\/dist\/esm\/icons\/([^/]+)\.mjs/;
const DRAWN_BY = fileURLToPath(new URL('../src/ui/icon.ts', import.meta.url));
/** Stands where an icon's line should. */
const UNKNOWN = 'icon not drawn: ';
const UNKNOWN_NAME = new RegExp(`${UNKNOWN}[\\w-]+`);
const NUMBER = '-?(?:\\d*\\.\\d+|\\d+)';
const RELATIVE_START = new RegExp(`^m(${NUMBER})[ ,]?(${NUMBER})[ ,]?(?=(.?))`);

type Attributes = Readonly<Record<string, string>>;

/** Where a line follows another, only a capital letter says where it begins. */
function absolute(d: string): string {
  return d.trim().replace(RELATIVE_START, (_, x: string, y: string, next: string) => {
    const gap = y.startsWith('-') ? '' : ' ';
    return `M${x}${gap}${y}${/[-.\d]/.test(next) ? 'l' : ''}`;
  });
}

function round(cx: number, cy: number, rx: number, ry: number): string {
  return `M${cx - rx} ${cy}a${rx} ${ry} 0 1 0 ${2 * rx} 0a${rx} ${ry} 0 1 0 ${-2 * rx} 0z`;
}

function box(x: number, y: number, width: number, height: number, r: number): string {
  const [w, h] = [width - 2 * r, height - 2 * r];
  const corner = (dx: number, dy: number) => (r === 0 ? '' : `a${r} ${r} 0 0 1 ${dx * r} ${dy * r}`);
  return `M${x + r} ${y}h${w}${corner(1, 1)}v${h}${corner(-1, 1)}h${-w}${corner(-1, -1)}v${-h}${corner(1, -1)}z`;
}

/** As the pen draws it; nothing where it has what no pen does. */
function lineOf(tag: string, { key: _key, ...attributes }: Attributes): string | undefined {
  const taken = new Set<string>();
  const text = (name: string) => {
    taken.add(name);
    return attributes[name] ?? '0';
  };
  const at = (name: string) => Number(text(name));
  const draw: Record<string, () => string> = {
    path: () => absolute(text('d')),
    circle: () => {
      // The pen is two wide: it fills the smallest by going around.
      if (at('r') <= 1) taken.add('fill');
      return round(at('cx'), at('cy'), at('r'), at('r'));
    },
    ellipse: () => round(at('cx'), at('cy'), at('rx'), at('ry')),
    rect: () => box(at('x'), at('y'), at('width'), at('height'), Math.max(at('rx'), at('ry'))),
    line: () => `M${at('x1')} ${at('y1')}L${at('x2')} ${at('y2')}`,
    polyline: () => `M${text('points')}`,
    polygon: () => `M${text('points')}z`,
  };
  const line = draw[tag]?.();
  return Object.keys(attributes).every((name) => taken.has(name)) ? line : undefined;
}

export function plainIcons(): Plugin {
  return {
    name: 'plain-icons',
    async transform(_code, id) {
      const name = DATA.exec(id)?.[1];
      if (name === undefined) return undefined;
      const { __iconData: icon } = (await import(id.replace(/\?.*/, ''))) as {
        __iconData?: { readonly node: readonly (readonly [string, Attributes])[] };
      };
      // Another name of one leads to its file.
      if (!icon) return undefined;
      const lines = icon.node.map(([tag, attributes]) => lineOf(tag, attributes));
      // All of lucide comes by here, and nearly all of it is left out again.
      const d = JSON.stringify(lines.includes(undefined) ? `${UNKNOWN}${name}` : lines.join(''));
      const drawn = `icon(${d}${pointing.turn.includes(name) ? ', true' : ''})`;
      const code = `import icon from ${JSON.stringify(DRAWN_BY)};\nexport default /* @__PURE__ */ ${drawn};\n`;
      return { code, map: null };
    },
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        const [unknown] = (file.type === 'chunk' && UNKNOWN_NAME.exec(file.code)) || [];
        if (unknown) this.error(`${unknown}: no pen draws it so; teach plain-icons.ts, or take another`);
      }
    },
  };
}
