/** Finding names by a few of their letters, in any script. Pure. */

export interface Match {
  score: number;
  /** Places in the name, in UTF-16 units, of the characters that matched. */
  hits: readonly number[];
}

/** A name that sounds so comes behind those that are written so, and before scattered letters. */
const SOUND = 600;
const SEPARATOR = /[\s\-_./·]/u;

/** Full-width forms, case and accents make no difference. One character stays one character, so that places hold. */
function fold(text: string): string[] {
  return Array.from({ length: text.length }, (_, at) => {
    const unit = text.charAt(at);
    const plain = unit.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
    return plain.charAt(0) || unit;
  });
}

function isStart(name: string, at: number): boolean {
  if (at === 0) return true;
  const before = name.charAt(at - 1);
  const here = name.charAt(at);
  return SEPARATOR.test(before) || (/\p{Ll}/u.test(before) && /\p{Lu}/u.test(here));
}

/**
 * Every letter of the query in the same order somewhere in the name. Whole words, word beginnings and unbroken runs count
 * more; an earlier hit and a shorter name decide between equals. Undefined where it does not match.
 */
export function match(query: string, name: string): Match | undefined {
  const wanted = fold(query).filter((char) => !SEPARATOR.test(char));
  if (wanted.length === 0) return { score: 0, hits: [] };
  const letters = fold(name);
  const joined = letters.join('');
  const needle = fold(query.trim()).join('');

  const whole = joined.indexOf(needle);
  if (whole >= 0) {
    const start = isStart(name, whole);
    const score =
      1000 + (whole === 0 ? 400 : start ? 250 : 0) + (joined === needle ? 300 : 0) - whole - name.length * 0.5;
    return { score, hits: Array.from({ length: needle.length }, (_, at) => whole + at) };
  }

  const hits: number[] = [];
  let score = 0;
  let from = 0;
  for (const char of wanted) {
    // A word's beginning is preferred to the next best place.
    let at = letters.findIndex((letter, place) => place >= from && letter === char && isStart(name, place));
    if (at < 0 || !restFits(letters, at + 1, wanted, hits.length + 1)) at = letters.indexOf(char, from);
    if (at < 0) return undefined;
    const run = at === from && hits.length > 0;
    score += isStart(name, at) ? 30 : run ? 20 : 4;
    score -= Math.min(at - from, 10) * 0.5;
    hits.push(at);
    from = at + 1;
  }
  return { score: score - name.length * 0.5, hits };
}

function restFits(letters: readonly string[], from: number, wanted: readonly string[], next: number): boolean {
  let at = from;
  for (const char of wanted.slice(next)) {
    at = letters.indexOf(char, at);
    if (at < 0) return false;
    at += 1;
  }
  return true;
}

export interface Candidate {
  /** The names it can be found by, the shown one first. */
  names: readonly string[];
  /** Higher is more recent; 0 for never. */
  recency: number;
  /** Smaller kinds come first among equals. */
  rank: number;
}

export interface Ranked<T> {
  item: T;
  hits: readonly number[];
}

/** The best first; without a query the most recent first. */
export function rank<T extends Candidate>(
  query: string,
  items: readonly T[],
  limit: number,
  /** The places in a name that sound like the query. */
  sounds?: (query: string, name: string) => readonly number[] | undefined,
): readonly Ranked<T>[] {
  const newestFirst = (a: T, b: T) => b.recency - a.recency || a.rank - b.rank;
  if (query.trim() === '') {
    return [...items]
      .sort(newestFirst)
      .slice(0, limit)
      .map((item) => ({ item, hits: [] }));
  }
  const found: { item: T; score: number; hits: readonly number[] }[] = [];
  for (const item of items) {
    let best: Match | undefined;
    for (const [place, name] of item.names.entries()) {
      const heard = sounds?.(query, name);
      const one =
        match(query, name) ?? (heard && { score: SOUND + (heard[0] === 0 ? 200 : 0) - name.length, hits: heard });
      if (!one) continue;
      // A hit in a second name counts a little less and cannot be shown.
      const score = one.score - place * 40;
      if (!best || score > best.score) best = { score, hits: place === 0 ? one.hits : [] };
    }
    if (best) found.push({ item, ...best });
  }
  return found
    .sort((a, b) => b.score - a.score || newestFirst(a.item, b.item))
    .slice(0, limit)
    .map(({ item, hits }) => ({ item, hits }));
}
