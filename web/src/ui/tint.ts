/** Colours and letters drawn from an id and a name: what stands in for a picture. */

const HUES = [20, 45, 70, 100, 130, 155, 180, 205, 235, 265, 300, 340] as const;

/** Steps around the circle: five of twelve, so that twelve ids in a row have twelve hues and neighbours unlike ones. */
const STRIDE = 5;

/** One of twelve hues; the same id always gets the same one. */
export function hueOf(id: number | string): number {
  const number = Number(id);
  const place = Number.isSafeInteger(number) && number >= 0 ? number : hash(String(id));
  return HUES[((place % HUES.length) * STRIDE) % HUES.length] ?? HUES[0];
}

function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const char of text) sum = Math.imul(sum ^ (char.codePointAt(0) ?? 0), 0x01000193);
  // Small enough that the stride cannot lead out of the safe integers.
  return sum >>> 8;
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
