// A Vite plugin: `virtual:emoji/en` and `virtual:emoji/zh` are emojibase's data without what the picker never reads.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

interface Source {
  emoji: string;
  hexcode: string;
  label: string;
  tags?: string[];
  group?: number;
  order?: number;
  version: number;
  skins?: { emoji: string; tone: number | number[] }[];
}

const ID = /^virtual:emoji\/(en|zh)$/;
/** What the systems of the last two years can draw. */
const NEWEST = 15;
/** emojibase's group of skin tones and hair alone. */
const COMPONENTS = 2;

const require = createRequire(import.meta.url);
const read = <T>(path: string): T => JSON.parse(readFileSync(require.resolve(`emojibase-data/${path}`), 'utf8')) as T;
const words = (names: string | string[] | undefined) =>
  names === undefined ? [] : Array.isArray(names) ? names : [names];

function dataOf(locale: string): string {
  const github = read<Record<string, string | string[]>>('en/shortcodes/github.json');
  const base = read<Record<string, string | string[]>>('en/shortcodes/emojibase.json');
  // In Chinese these are pinyin: what people type before an input method gets hold of it.
  const own = locale === 'en' ? {} : read<Record<string, string | string[]>>(`${locale}/shortcodes/cldr.json`);
  const { groups } = read<{ groups: { message: string }[] }>(`${locale}/messages.json`);
  const emojis = read<Source[]>(`${locale}/data.json`)
    .filter((one) => one.group !== undefined && one.group !== COMPONENTS && one.version <= NEWEST)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map((one) => [
      one.emoji,
      one.group,
      one.label,
      (one.tags ?? []).join('|'),
      [...new Set([...words(github[one.hexcode]), ...words(base[one.hexcode]), ...words(own[one.hexcode])])].join('|'),
      (one.skins ?? [])
        .filter((skin) => typeof skin.tone === 'number')
        .map((skin) => skin.emoji)
        .join(' '),
    ]);
  return JSON.stringify({ groups: groups.map((group) => group.message), emojis });
}

export function emojiData(): Plugin {
  return {
    name: 'emoji-data',
    resolveId: (id) => (ID.test(id) ? `\0${id}` : undefined),
    load(id) {
      const [, locale] = ID.exec(id.slice(1)) ?? [];
      // Text that JSON.parse reads is quicker to load than the same thing as a script.
      return locale && id.startsWith('\0')
        ? `export default JSON.parse(${JSON.stringify(dataOf(locale))});`
        : undefined;
    },
  };
}
