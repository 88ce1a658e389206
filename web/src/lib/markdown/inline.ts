/** What stands within lines: code, marks, links, addresses. Whatever is none of these is the text it was typed as. */
import { addressEnd, hostBehind, mailAround, safeHref } from './addresses';
import { flanks, type Piece, withMarks } from './marks';
import type { Inline, Link, Span } from './tree';

/** Everything that may stand for something. Runs are taken whole, so each letter is looked at once. */
const SPECIAL =
  /\\+|`+|\*+|_+|~+|!?\[|\]|<(?=https?:|mailto:)|https?:\/\/|www\.(?=[a-z0-9-]+\.[a-z])|[@＠]|:[a-z\d_-]{2,32}:/giu;
const ANGLED = /<((?:https?:\/\/|mailto:)[^\s<>]+)>/iy;
/** Each may be a picture, which is work to draw: so many of a run of text, and the others stay letters. */
const MOST_NAMES = 100;
/** Nothing to see, though it has characters. */
const INVISIBLE = /^[\s\p{C}\u2800\u3164\uffa0\u115f\u1160]*$/u;

interface Bracket {
  /** Where its piece lies in the list. */
  readonly at: number;
  readonly raw: string;
  readonly slash: boolean;
}

/** Spans within a text, by where they begin in it. */
export type Called = ReadonlyMap<number, Span>;

const NOBODY: Called = new Map();

export function readInline(text: string, called = NOBODY): readonly Inline[] {
  return new Reader(text, called).read();
}

class Reader {
  readonly #text: string;
  readonly #called: Called;
  readonly #pieces: Piece[] = [];
  /** Square brackets that may yet become a link. */
  readonly #brackets: Bracket[] = [];
  readonly #ticks: Map<number, number[]>;
  readonly #closing: Map<number, number>;
  /** Backticks whose partner a backslash kept from being code. */
  readonly #spoken = new Set<number>();
  #names = 0;
  /** Up to here everything is in the list. */
  #from = 0;
  #at = 0;

  constructor(text: string, called: Called) {
    this.#text = text;
    this.#called = called;
    this.#ticks = tickRuns(text);
    this.#closing = closingParentheses(text);
  }

  read(): readonly Inline[] {
    for (;;) {
      SPECIAL.lastIndex = this.#at;
      const match = SPECIAL.exec(this.#text);
      if (!match) break;
      this.#at = match.index + match[0].length;
      this.#special(match[0], match.index);
    }
    this.#flush(this.#text.length);
    return withMarks(this.#pieces);
  }

  #special(found: string, start: number): void {
    const sign = found[0] ?? '';
    if (sign === '\\') this.#backslash(found, start);
    else if (sign === '`') this.#code(found, start);
    else if (/[*_~]/.test(sign)) this.#mark(found, start, false);
    else if (sign === '!' || sign === '[') this.#bracket(found, start, false);
    else if (sign === ']') this.#endBracket(start);
    else if (sign === '<') this.#angled(start);
    else if (sign === '@' || sign === '＠') this.#mail(start) || this.#mention(start);
    else if (sign === ':') this.#emoji(found, start);
    else this.#address(found, start);
  }

  #flush(to: number): void {
    if (to > this.#from) this.#pieces.push({ type: 'text', text: this.#text.slice(this.#from, to) });
    this.#from = to;
  }

  /** The text before it, then the piece, then on behind it. */
  #take(piece: Piece, start: number, end: number): void {
    this.#flush(start);
    this.#pieces.push(piece);
    this.#from = end;
    this.#at = end;
  }

  /** A backslash goes only where it keeps a mark from being one; in `\\server\share` and `¯\_(ツ)_/¯` it is itself. */
  #backslash(found: string, start: number): void {
    if (found.length !== 1) return;
    const rest = this.#text.slice(this.#at, this.#at + 16);
    const run = rest.match(/^(?:\*+|_+|~+)/)?.[0];
    const bracket = rest.match(/^!?\[/)?.[0];
    if (run && run.length < 16) {
      this.#at += run.length;
      this.#mark(run, start + 1, true);
    } else if (bracket) {
      this.#at += bracket.length;
      this.#bracket(bracket, start, true);
    } else if (rest.startsWith('`')) {
      const length = this.#runAt(start + 1);
      const partner = this.#spoken.has(start + 1) ? start : this.#partner(start + 1, length);
      if (partner === undefined || (/[\w\\:/]/.test(this.#text[start - 1] ?? '') && partner !== start)) return;
      this.#flush(start);
      this.#from = start + 1;
      this.#at = start + 1 + length;
      this.#spoken.add(partner);
    }
  }

  #runAt(start: number): number {
    let end = start;
    while (this.#text[end] === '`') end += 1;
    return end - start;
  }

  /** The next run of as many backticks. Runs before `start` are never asked for again. */
  #partner(start: number, length: number): number | undefined {
    const places = this.#ticks.get(length);
    while (places && (places.at(-1) ?? Number.POSITIVE_INFINITY) <= start) places.pop();
    return places?.at(-1);
  }

  #code(found: string, start: number): void {
    if (this.#spoken.has(start)) return;
    // "it`s" has an apostrophe.
    if (found.length === 1 && /\w/.test(this.#text[start - 1] ?? '') && /\w/.test(this.#text[start + 1] ?? '')) return;
    const partner = this.#partner(start, found.length);
    if (partner === undefined || this.#text.slice(start + found.length, partner).trim() === '') return;
    const inner = this.#text.slice(start + found.length, partner);
    const text = /^ .*[^ ].* $|^ [^ ] $/s.test(inner) ? inner.slice(1, -1) : inner;
    this.#take({ type: 'code', text }, start, partner + found.length);
  }

  #mark(run: string, start: number, slash: boolean): void {
    const sign = run[0] ?? '';
    const most = { '*': 3, _: 1, '~': 2 }[sign] ?? 0;
    if (run.length > most || (sign === '~' && run.length < 2)) return;
    const { opens, closes } = flanks(this.#text, start, start + run.length);
    if (!opens && !closes) return;
    const mark: Piece = { type: 'mark', sign, count: run.length, slash, opens, closes };
    this.#take(mark, slash ? start - 1 : start, start + run.length);
  }

  #bracket(raw: string, start: number, slash: boolean): void {
    this.#flush(start);
    this.#brackets.push({ at: this.#pieces.length, raw, slash });
    this.#take({ type: 'text', text: slash ? `\\${raw}` : raw }, start, this.#at);
  }

  #endBracket(start: number): void {
    const bracket = this.#brackets.pop();
    if (!bracket) return;
    const target = this.#target(start + 1);
    if (!target) return;
    this.#flush(start);
    const label = this.#pieces.slice(bracket.at + 1).map(uncalled);
    const words = label.map(wordsOfPiece).join('');
    if (INVISIBLE.test(words) && !bracket.raw.startsWith('!')) return;
    if (bracket.slash) {
      this.#pieces[bracket.at] = { type: 'text', text: bracket.raw };
      return;
    }
    this.#pieces.length = bracket.at;
    // "Look![here](…)" is a cry and a link; a picture begins a word.
    const before = this.#pieces.at(-1);
    if (bracket.raw === '![' && before?.type === 'text' && /[^\s([]$/.test(before.text)) {
      this.#pieces.push({ type: 'text', text: '!' });
    }
    const children = words === '' ? [{ type: 'text' as const, text: target.href }] : withMarks(label).flatMap(unlinked);
    this.#take(link(target.href, children), start, target.end);
    // No link lies in a link.
    this.#brackets.length = 0;
  }

  /** The address in parentheses that begins at `start`, and where it ends. */
  #target(start: number): { href: string; end: number } | undefined {
    if (this.#text[start] !== '(') return undefined;
    if (this.#text[start + 1] === '<') {
      ANGLE_TARGET.lastIndex = start + 1;
      const found = ANGLE_TARGET.exec(this.#text);
      const href = found && safeHref(found[1] ?? '');
      return found && href ? { href, end: start + 1 + found[0].length } : undefined;
    }
    const close = this.#closing.get(start);
    const href = close === undefined ? undefined : safeHref(this.#text.slice(start + 1, close));
    return href && close !== undefined ? { href, end: close + 1 } : undefined;
  }

  #angled(start: number): void {
    ANGLED.lastIndex = start;
    const found = ANGLED.exec(this.#text);
    const href = found && safeHref(found[1] ?? '');
    if (!found || !href) return;
    this.#take(link(href, [{ type: 'text', text: found[1] ?? '' }]), start, start + found[0].length);
  }

  #address(found: string, start: number): void {
    if (/[a-z0-9]/i.test(this.#text[start - 1] ?? '')) return;
    const bare = found.toLowerCase() === 'www.';
    if (bare && /[./@:_-]/.test(this.#text[start - 1] ?? '')) return;
    const from = bare ? start : this.#at;
    const end = addressEnd(this.#text, from);
    if (end <= this.#at) return;
    const text = this.#text.slice(start, end);
    const href = safeHref(bare ? `https://${text}` : text);
    if (!href) {
      this.#at = end;
      return;
    }
    this.#take(link(href, [{ type: 'text', text }]), start, end);
  }

  #mail(at: number): boolean {
    const mail = mailAround(this.#text, this.#from, at);
    if (!mail) return false;
    const text = this.#text.slice(mail.start, mail.end);
    const href = safeHref(`mailto:${text}`);
    if (!href) return false;
    this.#take(link(href, [{ type: 'text', text }]), mail.start, mail.end);
    return true;
  }

  /** In `10:30:45` and `a::bc::d` a colon stands for itself. */
  #emoji(text: string, start: number): void {
    const stands = start === this.#from || !/[\d:]/.test(this.#text[start - 1] ?? '');
    if (stands && this.#names < MOST_NAMES) {
      this.#names += 1;
      this.#take({ type: 'emoji', text }, start, this.#at);
    } else this.#at = start + 1;
  }

  #mention(at: number): void {
    const span = this.#called.get(at);
    if (!span) return;
    const end = at + span.end - span.start;
    this.#take({ type: 'mention', text: this.#text.slice(at, end), user: span.user }, at, end);
  }
}

const ANGLE_TARGET = /<([^<>\n]*)>\)/y;

function link(href: string, children: readonly Inline[]): Link {
  const host = hostBehind(children.map(wordsOf).join(''), href);
  return host === undefined ? { type: 'link', href, children } : { type: 'link', href, host, children };
}

/** The words of a link call nobody. */
function uncalled(piece: Piece): Piece {
  return piece.type === 'mention' ? { type: 'text', text: piece.text } : piece;
}

function unlinked(piece: Inline): readonly Inline[] {
  return piece.type === 'link' ? piece.children : [piece];
}

/** The letters of a piece, without what it means. */
export function wordsOf(piece: Inline): string {
  return 'children' in piece ? piece.children.map(wordsOf).join('') : piece.text;
}

function wordsOfPiece(piece: Piece): string {
  return piece.type === 'mark' ? '' : wordsOf(piece);
}

/** Where runs of so many backticks begin, the last one first. */
function tickRuns(text: string): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (const { index, 0: run } of text.matchAll(/`+/g)) {
    const places = runs.get(run.length);
    if (places) places.push(index);
    else runs.set(run.length, [index]);
  }
  for (const places of runs.values()) places.reverse();
  return runs;
}

/** For each `(` its `)`, where no space lies between them. */
function closingParentheses(text: string): Map<number, number> {
  const closing = new Map<number, number>();
  let open: number[] = [];
  for (const { index, 0: sign } of text.matchAll(/[()\s<>]/g)) {
    if (sign === '(') open.push(index);
    else if (sign !== ')') open = [];
    else {
      const start = open.pop();
      if (start !== undefined) closing.set(start, index);
    }
  }
  return closing;
}
