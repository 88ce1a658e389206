/** Changes of a text and its selection, for the formatting keys. Pure. */
import { type Inline, readInline, wordsOf } from '../../lib/markdown';
import { type Edit, inFence } from './caret';

interface Format {
  readonly type: Exclude<Inline['type'], 'text' | 'link'>;
  /** Each pair of marks that may stand for it, the plainest first. */
  readonly pairs: readonly Pair[];
}

/** What the formatting keys make of a selection, by the mark that the keys are known for. */
const FORMATS: Readonly<Record<string, Format>> = {
  '**': { type: 'strong', pairs: [['**', '**']] },
  // Between Chinese letters only the last one slants: one sign alone covers part of a name there, 张*明.
  _: {
    type: 'em',
    pairs: [
      ['_', '_'],
      ['*', '*'],
      ['*_', '_*'],
    ],
  },
  '~~': { type: 'del', pairs: [['~~', '~~']] },
  '`': { type: 'code', pairs: [['`', '`']] },
};
type Pair = readonly [string, string];
/** What makes a line an item, a quote or a heading stands before its words. */
const PREFIX = /^[ \t]*(?:(?:[-*]|\d{1,9}[.)]|>+|#{1,6})[ \t]+(?:\[[ xX]\][ \t]+)?)?/;
const IDEOGRAPH = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u;

/**
 * Formats the selection, or takes the format away again when it has it. Writes only what will be drawn so: without the spaces at
 * the ends of a selection, line by line, of a part of a word the whole word, and nothing where nothing can be.
 */
export function toggleMark(edit: Edit, mark: string): Edit {
  const { text, start, end } = edit;
  const format = FORMATS[mark];
  if (!format || inFence(text, start)) return edit;
  if (start === end) return emptyPair(edit, format);
  if (text.slice(start, end).includes('\n')) return format.type === 'code' ? fenced(edit) : linewise(edit, format);
  return unmarked(edit, format) ?? marked(edit, format) ?? edit;
}

/** Code that has backticks in it takes more of them around it. */
function pairsFor({ type, pairs }: Format, words: string): readonly Pair[] {
  const longest = type === 'code' ? Math.max(0, ...[...words.matchAll(/`+/g)].map(([run]) => run.length)) : 0;
  if (longest === 0) return pairs;
  const ticks = '`'.repeat(longest + 1);
  return [[`${ticks} `, ` ${ticks}`]];
}

/** The caret waits between the marks. */
function emptyPair({ text, start }: Edit, format: Format): Edit {
  const within = IDEOGRAPH.test(text.slice(Math.max(0, start - 2), start) + text.slice(start, start + 2));
  const pairs = pairsFor(format, '');
  for (const [open, close] of pairs.toReversed()) {
    const from = start - open.length;
    if (from < 0 || !text.startsWith(open, from) || !text.startsWith(close, start) || text[from - 1] === open[0])
      continue;
    return { text: text.slice(0, from) + text.slice(start + close.length), start: from, end: from };
  }
  const [open, close] = (within ? pairs.at(-1) : pairs[0]) ?? ['', ''];
  const caret = start + open.length;
  return { text: text.slice(0, start) + open + close + text.slice(start), start: caret, end: caret };
}

/** Without its marks, be they around the selection or in it. */
function unmarked({ text, start, end }: Edit, format: Format): Edit | undefined {
  for (const [open, close] of pairsFor(format, text.slice(start, end)).toReversed()) {
    const around = { from: start - open.length, to: end + close.length };
    for (const { from, to } of [around, { from: start, to: end }]) {
      const inner = { from: from + open.length, to: to - close.length };
      if (from < 0 || inner.from >= inner.to || !text.startsWith(open, from) || !text.startsWith(close, inner.to))
        continue;
      // "**" is not two of "*".
      if (text[from - 1] === open[0] || text[to] === open[0] || text[inner.from] === open.at(-1)) continue;
      const words = text.slice(inner.from, inner.to);
      return { text: text.slice(0, from) + words + text.slice(to), start: from, end: from + words.length };
    }
  }
  return undefined;
}

/** With the first marks that are drawn as such, around the selection or else around the words it lies in. */
function marked(edit: Edit, format: Format): Edit | undefined {
  const { text } = edit;
  const lineStart = text.lastIndexOf('\n', edit.start - 1) + 1;
  const lineEnd = text.indexOf('\n', edit.end) < 0 ? text.length : text.indexOf('\n', edit.end);
  const words = lineStart + (PREFIX.exec(text.slice(lineStart, lineEnd))?.[0].length ?? 0);
  for (const part of [/(?!)/, /[\p{L}\p{N}\p{M}_]/u, /\S/]) {
    const { start, end } = widened({ ...edit, start: Math.max(edit.start, words) }, part);
    const inner = text.slice(start, end);
    if (inner === '') return undefined;
    for (const [open, close] of pairsFor(format, inner)) {
      const before = text.slice(words, start) + open;
      if (isDrawn(`${before}${inner}${close}${text.slice(end, lineEnd)}`, format.type, inner)) {
        const from = start + open.length;
        return {
          text: text.slice(0, start) + open + inner + close + text.slice(end),
          start: from,
          end: from + inner.length,
        };
      }
    }
  }
  return undefined;
}

/** Without white at its ends, and with what lies against it on both sides. */
function widened({ text, start, end }: Edit, part: RegExp): { start: number; end: number } {
  const inner = text.slice(start, end);
  let from = end - inner.trimStart().length;
  let to = from + inner.trim().length;
  while (from > 0 && part.test(text[from - 1] ?? '') && part.test(text[from] ?? '')) from -= 1;
  while (to < text.length && part.test(text[to] ?? '') && part.test(text[to - 1] ?? '')) to += 1;
  return { start: from, end: to };
}

function isDrawn(line: string, type: Format['type'], inner: string): boolean {
  const words = type === 'code' ? inner : readInline(inner).map(wordsOf).join('');
  const holds = (parts: readonly Inline[]): boolean =>
    parts.some(
      (part) => (part.type === type && wordsOf(part) === words) || ('children' in part && holds(part.children)),
    );
  return holds(readInline(line));
}

/** Each line by itself: no mark reaches over an empty line, nor from one item into the next. */
function linewise({ text, start, end }: Edit, format: Format): Edit {
  const lines: Edit[] = [];
  for (let at = start; at <= end; ) {
    const stop = Math.min(end, text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at));
    if (text.slice(at, stop).trim() !== '') lines.push({ text, start: at, end: stop });
    at = stop + 1;
  }
  const wordsOfLine = (line: Edit) => {
    const head =
      line.start === 0 || text[line.start - 1] === '\n'
        ? (PREFIX.exec(text.slice(line.start, line.end))?.[0].length ?? 0)
        : 0;
    return { ...line, start: line.start + head };
  };
  const parts = lines.map(wordsOfLine).filter((line) => line.start < line.end);
  const off = parts.every((line) => unmarked(line, format));
  let whole = text;
  for (const line of parts.toReversed()) {
    const next = { ...line, text: whole };
    whole = ((off ? unmarked(next, format) : unmarked(next, format) ? next : marked(next, format)) ?? next).text;
  }
  return { text: whole, start, end: end + whole.length - text.length };
}

function fenced({ text, start, end }: Edit): Edit {
  const before = start === 0 || text[start - 1] === '\n' ? '```\n' : '\n```\n';
  const after = end === text.length || text[end] === '\n' ? '\n```' : '\n```\n';
  const from = start + before.length;
  return {
    text: text.slice(0, start) + before + text.slice(start, end) + after + text.slice(end),
    start: from,
    end: from + end - start,
  };
}

/** The selection as a link, when what was pasted over it is an address and nothing else. */
export function linked({ text, start, end }: Edit, pasted: string): Edit | undefined {
  const words = text.slice(start, end);
  const address = pasted.trim();
  if (words.includes('\n') || !/^https?:\/\/\S+$/i.test(address)) return undefined;
  const link = `[${words}](${address})`;
  const [only, ...others] = readInline(link);
  if (only?.type !== 'link' || only.href !== address || others.length > 0) return undefined;
  return { text: text.slice(0, start) + link + text.slice(end), start: start + link.length, end: start + link.length };
}
