// A Vite plugin: `virtual:emoji/en` and `virtual:emoji/zh` are emojibase's data without what the picker never reads.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';
import { toned } from '../src/features/emoji/tones.ts';

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
/** Most have fewer; the rest are far-fetched. */
const TAGS = 4;
/** emojibase's group of skin tones and hair alone. */
const COMPONENTS = 2;

const require = createRequire(import.meta.url);
const read = <T>(path: string): T => JSON.parse(readFileSync(require.resolve(`emojibase-data/${path}`), 'utf8')) as T;
const words = (names: string | string[] | undefined) =>
  names === undefined ? [] : Array.isArray(names) ? names : [names];

/** The five tones, or `*` where each is the emoji with the tone after its first character, as nearly all are. */
function tonesOf(one: Source): string {
  const tones = (one.skins ?? []).filter((skin) => typeof skin.tone === 'number').map((skin) => skin.emoji);
  return tones.length === 5 && tones.every((tone, at) => tone === toned(one.emoji, at)) ? '*' : tones.join(' ');
}

function dataOf(locale: string): string {
  const github = read<Record<string, string | string[]>>('en/shortcodes/github.json');
  // In Chinese these are pinyin: what people type before an input method gets hold of it.
  const own = read<Record<string, string | string[]>>(
    locale === 'en' ? 'en/shortcodes/emojibase.json' : `${locale}/shortcodes/cldr.json`,
  );
  const { groups } = read<{ groups: { message: string }[] }>(`${locale}/messages.json`);
  const emojis = read<Source[]>(`${locale}/data.json`)
    .filter((one) => one.group !== undefined && one.group !== COMPONENTS && one.version <= NEWEST)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map((one) => [
      one.emoji,
      one.group,
      one.label,
      (one.tags ?? []).slice(0, TAGS).join('|'),
      [...new Set([...words(github[one.hexcode]), ...words(own[one.hexcode])])].join('|'),
      tonesOf(one),
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
