/** Finds emoji by name for who writes: the place's own before the standard ones. */
import { within } from '../../lib/wait';
import { needEmojis } from '../../net/emojis';
import { useEmojis } from '../../state/emojis';
import { closeness, type FoundEmoji, findEmoji, loadEmoji } from './data';
import { shortcode } from './own';

/** Whoever writes does not wait for the list any longer; with the next letter it may be there. */
const PATIENCE_MS = 1000;

/** Loads what is searched, ahead of the first search. */
export async function preloadEmoji(locale: string): Promise<void> {
  await Promise.all([loadEmoji(locale), needEmojis()]);
}

function findOwn(query: string, limit: number): FoundEmoji[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return [];
  return useEmojis
    .getState()
    .list.flatMap((one) => {
      const score = closeness(one.name, wanted);
      return score === undefined ? [] : [{ score, one }];
    })
    .sort((a, b) => a.score - b.score || a.one.name.length - b.one.name.length)
    .slice(0, limit)
    .map(({ one: { name, url } }) => ({ emoji: shortcode(name), label: shortcode(name), name, picture: url }));
}

/** Loads the data of the language when first asked. */
export async function searchEmoji(query: string, locale: string, limit = 8): Promise<FoundEmoji[]> {
  const [data] = await Promise.all([loadEmoji(locale), within(needEmojis(), PATIENCE_MS)]);
  const own = findOwn(query, limit);
  return [...own, ...findEmoji(data, query, limit - own.length)];
}
