/** Colours and letters drawn from an id and a name: what stands in for a picture. */

const HUES = [20, 45, 70, 100, 130, 155, 180, 205, 235, 265, 300, 340] as const;

/** One of twelve hues; the same id always gets the same one, neighbours get different ones. */
export function hueOf(id: number | string): number {
  let hash = 0x811c9dc5;
  for (const unit of String(id)) {
    hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 0x01000193);
  }
  hash ^= hash >>> 15;
  return HUES[(hash >>> 0) % HUES.length] ?? HUES[0];
}

const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const LETTER = /[\p{L}\p{N}]/u;

function firstLetter(word: string): string {
  const segment = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(word)];
  return segment.find((part) => LETTER.test(part.segment))?.segment ?? '';
}

/** One character for a name written in Han, kana or Hangul, otherwise the first letters of its first and last word. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._\-/]+/u).filter((word) => LETTER.test(word));
  const [first] = words;
  if (first === undefined) return name.trim() === '' ? '?' : ([...name.trim()][0] ?? '?');
  const one = firstLetter(first);
  if (CJK.test(one)) return one;
  const last = words.length > 1 ? firstLetter(words.at(-1) ?? '') : '';
  return (one + (CJK.test(last) ? '' : last)).toLocaleUpperCase();
}

/** The one character on a room's tile. */
export function roomLetterOf(name: string): string {
  return [...initialsOf(name)][0] ?? '?';
}
