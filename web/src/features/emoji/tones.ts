/** Skin tones: an emoji with one of the five modifiers after its first character. */

const LIGHTEST = 0x1f3fb;
const PICTURE = '\ufe0f';

/** `tone` counts from 0, the lightest, to 4. */
export function toned(emoji: string, tone: number): string {
  const [first = '', ...rest] = emoji;
  const modifier = String.fromCodePoint(LIGHTEST + tone);
  return first + modifier + (rest[0] === PICTURE ? rest.slice(1) : rest).join('');
}
