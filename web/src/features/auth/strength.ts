/** A guess at how long a password would hold: quick, a little stern, and only advice. The server has the last word. */

export type Strength = 0 | 1 | 2 | 3 | 4;

/** What heads every list of leaked passwords, and what people make of it. */
const COMMON = [
  'password', 'passwort', 'qwerty', 'qwertz', 'azerty', 'letmein', 'welcome', 'admin', 'iloveyou', 'monkey', 'dragon', 'sunshine',
  'princess', 'football', 'baseball', 'master', 'shadow', 'superman', 'trustno1', 'login', 'abc123', 'chinwag', 'woaini', 'secret',
  'hello', 'freedom', 'whatever', 'michael', 'computer', 'internet', 'starwars', 'pokemon', 'batman', 'access', 'summer', 'winter',
]; // biome-ignore format: a list reads better as a block

const LOOK_ALIKES: Record<string, string> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
const ROWS = 'abcdefghijklmnopqrstuvwxyz 0123456789 qwertyuiop asdfghjkl zxcvbnm';

function plain(text: string): string {
  return [...text.toLowerCase()].map((char) => LOOK_ALIKES[char] ?? char).join('');
}

/** Bits a character adds when nothing helps to guess it. */
function bitsPerCharacter(password: string): number {
  let pool = 0;
  if (/[a-z]/.test(password)) pool += 26;
  if (/[A-Z]/.test(password)) pool += 26;
  if (/[0-9]/.test(password)) pool += 10;
  if (/[\p{P}\p{S} ]/u.test(password)) pool += 33;
  if (/[^\x20-\x7e]/.test(password)) pool += 800;
  return Math.log2(Math.max(pool, 2));
}

/** How many characters say something new: repeats, runs of the alphabet or the keyboard count once. */
function freshCharacters(password: string): number {
  const chars = [...password.toLowerCase()];
  const seen = new Map<string, number>();
  let fresh = 0;
  for (const [at, char] of chars.entries()) {
    const before = chars[at - 1];
    const isRun =
      before !== undefined && (before === char || ROWS.includes(before + char) || ROWS.includes(char + before));
    const times = seen.get(char) ?? 0;
    seen.set(char, times + 1);
    fresh += isRun ? 0.2 : 1 / (1 + times * 0.35);
  }
  return fresh;
}

/** From 0 (too short or known) to 4 (holds for centuries). `own` are words anybody could try first: the name, the address. */
export function strengthOf(password: string, least: number, own: readonly string[] = []): Strength {
  if ([...password].length < least) return 0;
  let fresh = freshCharacters(password);
  const text = plain(password);
  const known = [
    ...COMMON,
    ...own.flatMap((word) => word.toLowerCase().split(/[@.\s_-]+/u)).filter((word) => word.length > 2),
  ];
  for (const word of known) {
    // A known word is worth about one and a half characters, however it is dressed.
    if (text.includes(plain(word))) fresh -= Math.max(0, [...word].length - 1.5);
  }
  const bits = Math.max(0, fresh) * bitsPerCharacter(password);
  if (bits < 22) return 0;
  if (bits < 34) return 1;
  if (bits < 48) return 2;
  if (bits < 64) return 3;
  return 4;
}
