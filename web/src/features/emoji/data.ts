/** The emoji of one language, loaded once; finding them by short name, label or tag. No drawing. */
import { fetchCode } from '../../lib/fetch-code';

export type EmojiLocale = 'en' | 'zh-Hans';

export interface FoundEmoji {
  emoji: string;
  label: string;
  /** The short name that fits best, without colons. */
  name: string;
  /** Where its picture lies, if it is one of the place's own. */
  picture?: string;
}

const DATA: Record<EmojiLocale, () => Promise<{ default: TrimmedEmojiData }>> = {
  en: () => fetchCode(() => import('virtual:emoji/en')),
  'zh-Hans': () => fetchCode(() => import('virtual:emoji/zh')),
};
const loads = new Map<EmojiLocale, Promise<TrimmedEmojiData>>();

export function loadEmoji(locale: string): Promise<TrimmedEmojiData> {
  const known: EmojiLocale = locale === 'zh-Hans' ? 'zh-Hans' : 'en';
  const started = loads.get(known);
  if (started) return started;
  const load = DATA[known]().then((chunk) => chunk.default);
  loads.set(known, load);
  // A failed download must not be remembered: the next try starts anew.
  load.catch(() => loads.delete(known));
  return load;
}

/** How well a word fits: whole, beginning, beginning of a later part, inside. Undefined where it does not. */
export function closeness(word: string, wanted: string): number | undefined {
  if (word === wanted) return 0;
  if (word.startsWith(wanted)) return 1;
  const at = word.indexOf(wanted);
  if (at < 0) return undefined;
  return /[_ -]/.test(word[at - 1] ?? '') ? 2 : 3;
}

/** Those whose names, label or tags hold the query, best first. */
export function findEmoji(data: TrimmedEmojiData, query: string, limit: number): FoundEmoji[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return [];
  const found: { at: number; score: number; found: FoundEmoji }[] = [];
  for (const [at, [emoji, , label, tags, names]] of data.emojis.entries()) {
    const all = names.split('|');
    let score = Number.POSITIVE_INFINITY;
    let name = all[0] ?? label;
    for (const one of all) {
      const how = closeness(one, wanted);
      if (how !== undefined && how < score) {
        score = how;
        name = one;
      }
    }
    const others = [label.toLowerCase(), ...tags.toLowerCase().split('|')];
    for (const [place, one] of others.entries()) {
      const how = closeness(one, wanted);
      // A label is as good as a name, a tag a little less.
      if (how !== undefined) score = Math.min(score, how + (place === 0 ? 0.5 : 1.5));
    }
    if (score < Number.POSITIVE_INFINITY) found.push({ at, score, found: { emoji, label, name } });
  }
  return found
    .sort((a, b) => a.score - b.score || a.found.name.length - b.found.name.length || a.at - b.at)
    .slice(0, limit)
    .map((one) => one.found);
}
