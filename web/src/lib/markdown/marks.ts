/** Which `*`, `_` and `~~` stand for something: where one may begin, where it may end, and which two belong together. */
import type { Inline } from './tree';

export interface Mark {
  readonly type: 'mark';
  readonly sign: string;
  /** Signs in a row: 1 to 3 of `*`, 1 of `_`, 2 of `~`. */
  readonly count: number;
  /** A backslash stands before it. */
  readonly slash: boolean;
  readonly opens: boolean;
  readonly closes: boolean;
}

export type Piece = Mark | Inline;

type Neighbour = 'space' | 'word' | 'ideograph' | 'full' | 'punctuation';

const SPACE = /[\s\p{Z}]/u;
/** Scripts that set no space between words: a mark between two of their letters may still begin or end. */
const UNSPACED =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Bopomofo}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const FULL = /[\u3000-\u303f\uff00-\uffef]/u;
const WORD = /[\p{L}\p{N}\p{M}]/u;

function neighbour(letter: string): Neighbour {
  if (letter === '' || SPACE.test(letter)) return 'space';
  if (FULL.test(letter)) return 'full';
  if (UNSPACED.test(letter)) return 'ideograph';
  return WORD.test(letter) ? 'word' : 'punctuation';
}

function before(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(Math.max(0, at - 2), at) : text.slice(Math.max(0, at - 1), at);
}

function after(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

const OPENING = /[\p{Ps}\p{Pi}]/u;
const ENDING = /[\p{Pe}\p{Pf}.,:;!?…、。，；：？！]/u;
const QUOTE = /["'“”‘’«»]/u;
const JOINT = /[*_~\u2013\u2014…]/;

/** Before what begins: an opening bracket, a quote, another mark, a dash. After anything else it is a smiley or a formula. */
function mayPrecede(letter: string, other: Neighbour, count: number): boolean {
  if (OPENING.test(letter) || QUOTE.test(letter) || JOINT.test(letter)) return true;
  return isJoin(letter, other, count);
}

function mayFollow(letter: string, other: Neighbour, count: number): boolean {
  if (ENDING.test(letter) || QUOTE.test(letter) || JOINT.test(letter) || letter === '\\') return true;
  return isJoin(letter, other, count);
}

// "well-*known*" and "**yes**/**no**" are joined words; "-_-" and "src/*.ts" are none.
function isJoin(letter: string, other: Neighbour, count: number): boolean {
  return (letter === '-' || (letter === '/' && count > 1)) && other !== 'punctuation';
}

/** Marks lie in each other three deep at most; who sets more signs side by side draws a face. */
const MOST_SIGNS = 6;

/** The first letter past other marks that follow, or come before. */
function beyond(text: string, at: number, step: 1 | -1): string {
  let place = at;
  for (let passed = 0; passed <= MOST_SIGNS; passed += 1) {
    const letter = step > 0 ? after(text, place) : before(text, place);
    if (!/[*_~\\]/.test(letter)) return letter;
    place += step;
  }
  return '';
}

/** Tells of a run of signs from `from` to `to` what it may do; a backslash before it is not its neighbour. */
export function flanks(text: string, from: number, to: number): { opens: boolean; closes: boolean } {
  const count = to - from;
  const left = before(text, text[from - 1] === '\\' ? from - 1 : from);
  const right = after(text, to);
  const prev = neighbour(left);
  const next = neighbour(right);
  const letters = (prev === 'word' || prev === 'ideograph') && (next === 'word' || next === 'ideograph');
  // snake_case, 2**3; and one star or line between ideographs covers part of a name: 张*明.
  if (letters && (count === 1 || (prev === 'word' && next === 'word'))) return { opens: false, closes: false };
  // A sign in quotes is spoken of.
  if (QUOTE.test(left) && QUOTE.test(right)) return { opens: false, closes: false };
  // "(*_*)" and "_(:з」∠)_" are faces: a mark holds words, and a line no bracket.
  const behind = beyond(text, to, 1);
  const ahead = beyond(text, from, -1);
  const line = text[from] === '_';
  const opens =
    neighbour(behind) !== 'space' &&
    !ENDING.test(behind) &&
    !(line && OPENING.test(right)) &&
    !(prev === 'word' && (next === 'punctuation' || next === 'full')) &&
    (prev !== 'punctuation' || mayPrecede(left, next, count));
  const closes =
    neighbour(ahead) !== 'space' &&
    !OPENING.test(ahead) &&
    !(line && /\p{Pe}/u.test(left)) &&
    !(next === 'word' && prev === 'punctuation') &&
    (next !== 'punctuation' || mayFollow(right, prev, count));
  return { opens, closes };
}

type Kind = 'em' | 'strong' | 'del';

const KINDS: Readonly<Record<number, readonly Kind[]>> = { 1: ['em'], 2: ['strong'], 3: ['em', 'strong'] };

interface Open {
  readonly at: number;
  readonly sign: string;
  left: number;
}

/** What became of one mark: what it ends, what it begins, innermost first, and how many of its signs are only signs. */
interface Fate {
  ends: Kind[];
  begins: Kind[];
  left: number;
  escaped: boolean;
}

/** Does it hold anything that can be slanted or struck? `*...*` is only punctuation. */
const WORDY = /[\p{L}\p{N}\p{S}\p{Extended_Pictographic}]/u;

function fates(pieces: readonly Piece[]): Map<number, Fate> {
  const found = new Map<number, Fate>();
  const open: Open[] = [];
  // Below this height no opener of the kind is left: each is looked at once in vain, so the whole takes linear time.
  const floors = new Map<string, number>();
  const words: number[] = [0];
  for (const [at, piece] of pieces.entries()) {
    const wordy = piece.type === 'text' ? WORDY.test(piece.text) : piece.type !== 'mark';
    words.push((words[at] ?? 0) + (wordy ? 1 : 0));
    if (piece.type !== 'mark') continue;
    const fate: Fate = { ends: [], begins: [], left: piece.count, escaped: false };
    found.set(at, fate);
    while (piece.closes && fate.left > 0) {
      const key = `${piece.sign}${fate.left}${piece.slash}`;
      const floor = Math.min(floors.get(key) ?? 0, open.length);
      let height = open.length - 1;
      while (height >= floor && !belongs(open[height], at, piece, fate.left)) height -= 1;
      const opener = height >= floor ? open[height] : undefined;
      if (!opener) {
        floors.set(key, open.length);
        break;
      }
      open.length = height + 1;
      pair(opener, fate, piece);
      if (opener.left === 0) open.pop();
      for (const [name, value] of floors) if (value > height) floors.set(name, height);
    }
    if (piece.opens && fate.left > 0 && !fate.escaped) open.push({ at, sign: piece.sign, left: fate.left });
  }
  return found;

  function belongs(opener: Open | undefined, at: number, closer: Mark, left: number): boolean {
    if (opener?.sign !== closer.sign || words[opener.at + 1] === words[at]) return false;
    const opening = pieces[opener.at] as Mark;
    if (closer.slash || opening.slash)
      return opening.count === opener.left && closer.count === left && opener.left === left;
    return opener.left === left || opener.left === 3 || left === 3;
  }

  function pair(opener: Open, fate: Fate, closer: Mark): void {
    const begun = found.get(opener.at);
    if (!begun) return;
    const used = Math.min(opener.left, fate.left);
    opener.left -= used;
    begun.left = opener.left;
    fate.left -= used;
    if (closer.slash || (pieces[opener.at] as Mark).slash) {
      begun.escaped = true;
      fate.escaped = true;
      return;
    }
    const kinds: readonly Kind[] = closer.sign === '~' ? ['del'] : (KINDS[used] ?? []);
    begun.begins.push(...kinds);
    fate.ends.push(...kinds);
  }
}

interface Level {
  readonly kind?: Kind;
  readonly children: Inline[];
}

/** Puts elements in the place of the marks. One inside its own kind is taken in by it: the tree is never deep. */
export function withMarks(pieces: readonly Piece[]): readonly Inline[] {
  const found = fates(pieces);
  const levels: Level[] = [{ children: [] }];
  const inside: Record<Kind, number> = { em: 0, strong: 0, del: 0 };
  for (const [at, piece] of pieces.entries()) {
    if (piece.type !== 'mark') {
      add(levels.at(-1)?.children, piece);
      continue;
    }
    const fate = found.get(at);
    if (!fate) continue;
    for (const kind of fate.ends) end(kind);
    const left = fate.escaped ? piece.count : fate.left;
    const slash = piece.slash && !fate.escaped ? '\\' : '';
    if (left > 0) add(levels.at(-1)?.children, { type: 'text', text: slash + piece.sign.repeat(left) });
    for (const kind of fate.begins.toReversed()) {
      inside[kind] += 1;
      if (inside[kind] === 1) levels.push({ kind, children: [] });
    }
  }
  return levels[0]?.children ?? [];

  function end(kind: Kind): void {
    inside[kind] -= 1;
    if (inside[kind] > 0) return;
    const level = levels.pop();
    if (level) add(levels.at(-1)?.children, { type: kind, children: level.children });
  }
}

/** Texts side by side are one text. */
export function add(list: Inline[] | undefined, piece: Inline): void {
  const last = list?.at(-1);
  if (list && piece.type === 'text' && last?.type === 'text') {
    list[list.length - 1] = { type: 'text', text: last.text + piece.text };
  } else {
    list?.push(piece);
  }
}
