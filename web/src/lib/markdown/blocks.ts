/** The lines of a text: code between fences, quotes, lists, tables, and otherwise the lines as they were typed. */
import { type Called, readInline } from './inline';
import { isLanguage } from './languages';
import type { Align, Block, Inline, Item, Span } from './tree';

/** Quotes and lists lie in each other so deep. What is deeper was not written to be read that way, and is text. */
const DEEPEST = 8;

const FENCE = /^([ \t]*)(`{3,}|~{3,})(.*)$/;
const HEADING = /^ {0,3}#{1,6}[ \t]+(.*[^\s#].*)$/;
const RULE = /^ {0,3}-{3,}[ \t]*$/;
/** A quote has a space before its words, or words at once: `>_<` and `>:(` are faces, and `>>> 1 + 1` is a prompt. */
const QUOTE = /^ {0,3}>(?!>>)(?:[> \t]*[ \t](?=[^\s>])|>?(?=\p{L}[\p{L} ]))/u;
/** It begins with a word or a fence; `> ^ <` is the mouth of a cat. */
const QUOTED = /[\p{L}\p{N}\p{Extended_Pictographic}`]/u;
const QUOTE_MARK = /^ {0,3}> ?/;
const BARE_QUOTE = /^ {0,3}>[ \t]*$/;
const ITEM = /^([ \t]*)([-*]|\d{1,9}[.)])([ \t]+)(.*)$/;
/** A list of nothing but signs is a drawing. */
const SAYS_SOMETHING = /[^\s*_=~+>#.-]/;
const TASK = /^\[([ xX])\][ \t]+(?=\S)/;
const DELIMITER = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const ESCAPED = /^( {0,3}(?:\d{1,9})?)\\(.*)$/;

/** A line, or what is left of it behind the signs of quotes and lists, and where it ends in the source. */
interface Line {
  readonly text: string;
  readonly end: number;
}

/** Spans come with what the server keeps, where a line ends in one sign. */
export function readBlocks(source: string, spans: readonly Span[] = []): readonly Block[] {
  let end = -1;
  const lines = source
    .trimEnd()
    .split(/\r\n?|\n/)
    .map((text) => {
      end += text.length + 1;
      return { text, end };
    });
  return new Lines(lines, 0, spans).read();
}

/** The spans in a part of a line, by where they begin in it; `before` comes before the part. */
function calledIn({ text, end }: Line, spans: readonly Span[], before = 0): readonly (readonly [number, Span])[] {
  const start = end - text.length;
  return spans
    .filter((span) => span.start >= start && span.end <= end)
    .map((span) => [before + span.start - start, span]);
}

/** Whether a text stops inside a block of code that backticks began and nothing ended yet: what is typed next is code. */
export function endsInCode(text: string): boolean {
  let fence = '';
  for (const line of text.split(/\r\n?|\n/)) {
    const [, , begun = '', behind = ''] = FENCE.exec(line) ?? [];
    if (fence !== '') fence = endOfFence(line, fence) ? '' : fence;
    else if (begun.startsWith('`') && !behind.includes('`')) fence = begun;
  }
  return fence !== '';
}

class Lines {
  readonly #lines: Line[];
  readonly #spans: readonly Span[];
  readonly #depth: number;
  readonly #blocks: Block[] = [];
  #text: Line[] = [];
  #at = 0;
  /** No fence of tildes that is as long as this is ever closed: it was looked for once. */
  #unclosed = Number.POSITIVE_INFINITY;

  constructor(lines: readonly Line[], depth: number, spans: readonly Span[]) {
    this.#lines = [...lines];
    this.#depth = depth;
    this.#spans = spans;
  }

  /** Of an item the first line, behind its mark, is words or a fence: `- -5 °C` is no list in a list. */
  read(afterMark = false): readonly Block[] {
    while (this.#at < this.#lines.length) {
      const line = this.#line(this.#at);
      const words = afterMark && this.#at === 0;
      if (!this.#fence(line) && (words || !this.#structure(line))) {
        this.#text.push({ text: words ? line : unescaped(line), end: this.#end(this.#at) });
        this.#at += 1;
      }
    }
    this.#endText();
    return this.#blocks;
  }

  #line(at: number): string {
    return this.#lines[at]?.text ?? '';
  }

  #end(at: number): number {
    return this.#lines[at]?.end ?? 0;
  }

  #add(block: Block): true {
    this.#endText();
    this.#blocks.push(block);
    return true;
  }

  #endText(): void {
    const lines = this.#text;
    this.#text = [];
    let from = 0;
    while (from < lines.length && blank(lines[from]?.text)) from += 1;
    let to = lines.length;
    while (to > from && blank(lines[to - 1]?.text)) to -= 1;
    if (from < to) this.#blocks.push({ type: 'paragraph', children: paragraph(lines.slice(from, to), this.#spans) });
  }

  #structure(line: string): boolean {
    if (blank(line)) return false;
    if (this.#depth < DEEPEST && (this.#quote(line) || this.#list(line))) return true;
    const heading = HEADING.exec(line);
    if (heading || RULE.test(line)) {
      const words = { text: heading?.[1] ?? '', end: this.#end(this.#at) };
      this.#at += 1;
      return heading
        ? this.#add({
            type: 'heading',
            children: readInline(words.text.trimEnd(), new Map(calledIn(words, this.#spans))),
          })
        : this.#add({ type: 'rule', text: line.trim() });
    }
    return this.#table(line);
  }

  #fence(line: string): boolean {
    const found = FENCE.exec(line);
    const [, indent = '', fence = '', behind = ''] = found ?? [];
    const tildes = fence.startsWith('~');
    const named = isLanguage(behind.trim());
    // Tildes decorate: "~~~ hey ~~~". They fence code only in pairs; a forgotten end of backticks is the end of the text.
    if (!found || (tildes ? (behind.trim() !== '' && !named) || fence.length >= this.#unclosed : behind.includes('`')))
      return false;
    const inner: string[] = [];
    const strip = new RegExp(`^[ \\t]{0,${indent.length}}`);
    let at = this.#at + 1;
    let rest: string | undefined;
    let closed = false;
    for (; at < this.#lines.length && !closed; at += 1) {
      const here = this.#line(at).replace(strip, '');
      const end = endOfFence(here, fence);
      closed = end !== undefined;
      if (!end) inner.push(here);
      else if (end.before !== '') inner.push(end.before);
      rest = end?.rest;
    }
    if (tildes && !closed) {
      this.#unclosed = fence.length;
      return false;
    }
    const body = inner.join('\n');
    const language = named && !blank(body) ? behind.trim().toLowerCase() : undefined;
    const code = language || blank(behind) ? body : [behind, ...inner].join('\n');
    // Fences around nothing are what was typed.
    if (blank(code)) return false;
    this.#at = at;
    if (rest !== undefined) {
      this.#at -= 1;
      const white = this.#line(this.#at).length - this.#line(this.#at).trimEnd().length;
      this.#lines[this.#at] = { text: rest, end: this.#end(this.#at) - white };
    }
    return this.#add(language ? { type: 'code', text: code, language } : { type: 'code', text: code });
  }

  #quote(line: string): boolean {
    if (!QUOTE.test(line) || !QUOTED.test(line)) return false;
    const inner: Line[] = [];
    // Who answers right below a quote does not say it: a line without the sign is outside.
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const here = this.#line(this.#at);
      if (!QUOTE.test(here) && !BARE_QUOTE.test(here)) break;
      inner.push({ text: here.replace(QUOTE_MARK, ''), end: this.#end(this.#at) });
    }
    return this.#add({ type: 'quote', children: new Lines(inner, this.#depth + 1, this.#spans).read() });
  }

  #list(line: string): boolean {
    const first = itemOf(line);
    if (!first || first.indent > 3) return false;
    const ordered = first.marker !== undefined;
    const items: Item[] = [];
    for (let start: Start | undefined = first; start; start = this.#sibling(ordered)) {
      const inner = this.#itemLines(start);
      const children = new Lines(inner, this.#depth + 1, this.#spans).read(true);
      const { marker, checked } = start;
      items.push({ ...(marker !== undefined && { marker }), ...(checked !== undefined && { checked }), children });
    }
    return this.#add({ type: 'list', ordered, items });
  }

  /** The words behind the mark and every line below that is set in from it. */
  #itemLines({ content, indent, column }: Start): readonly Line[] {
    const inner: Line[] = [{ text: content, end: this.#end(this.#at) }];
    this.#at += 1;
    for (;;) {
      const to = this.#afterBlank();
      if (to === this.#lines.length || indentOf(this.#line(to)) < indent + 2) return inner;
      for (; this.#at < to; this.#at += 1) inner.push({ text: '', end: 0 });
      inner.push({ text: outdented(this.#line(to), column), end: this.#end(to) });
      this.#at += 1;
    }
  }

  /** The next item of the same list, past empty lines. */
  #sibling(ordered: boolean): Start | undefined {
    const to = this.#afterBlank();
    const start = itemOf(this.#line(to));
    if (!start || start.indent > 3 || (start.marker !== undefined) !== ordered) return undefined;
    this.#at = to;
    return start;
  }

  #afterBlank(): number {
    let to = this.#at;
    while (to < this.#lines.length && blank(this.#line(to))) to += 1;
    return to;
  }

  #table(line: string): boolean {
    const under = this.#line(this.#at + 1);
    if (!line.includes('|') || !under.includes('|') || !DELIMITER.test(under)) return false;
    const align = cells(under).map(({ text }) => alignOf(text));
    if (cells(line).length !== align.length) return false;
    const rows = [this.#cells(this.#at)];
    for (this.#at += 2; this.#at < this.#lines.length && this.#line(this.#at).includes('|'); this.#at += 1) {
      rows.push(this.#cells(this.#at));
    }
    return this.#add({ type: 'table', align, rows });
  }

  #cells(at: number): readonly (readonly Inline[])[] {
    const rest = this.#end(at) - this.#line(at).length;
    return cells(this.#line(at)).map(({ text, typed, end }) => {
      // A backslash less before each bar, and no white before the words.
      const place = (at: number) => typed.slice(0, at).replaceAll('\\|', '|').trimStart().length;
      const called = calledIn({ text: typed, end: rest + end }, this.#spans);
      return readInline(text, new Map(called.map(([at, span]) => [place(at), span])));
    });
  }
}

function blank(line: string | undefined): boolean {
  return line === undefined || line.trim() === '';
}

/** Lines of words with the empty ones between them. A mark does not reach over an empty line. */
function paragraph(lines: readonly Line[], spans: readonly Span[]): readonly Inline[] {
  const parts: Inline[] = [];
  let run = '';
  let called: [number, Span][] = [];
  for (const [index, line] of lines.entries()) {
    for (const [at, span] of calledIn(line, spans, run.length)) called.push([at, span]);
    run += line.text;
    const next = lines[index + 1];
    if (next !== undefined && blank(line.text) === blank(next.text)) {
      run += '\n';
      continue;
    }
    parts.push(...readInline(run, new Map(called) satisfies Called));
    if (next !== undefined) parts.push({ type: 'text', text: '\n' });
    run = '';
    called = [];
  }
  return parts;
}

/** Without the backslash that keeps a line from being a heading, a quote, an item or a rule. */
function unescaped(line: string): string {
  const found = ESCAPED.exec(line);
  if (!found) return line;
  const plain = `${found[1]}${found[2]}`;
  return HEADING.test(plain) || RULE.test(plain) || (QUOTE.test(plain) && QUOTED.test(plain)) || itemOf(plain)
    ? plain
    : line;
}

function endOfFence(line: string, fence: string): { before: string; rest?: string } | undefined {
  const sign = fence[0] ?? '';
  const trimmed = line.trim();
  if (trimmed.startsWith(fence)) {
    const rest = trimmed.slice(runLength(trimmed, sign));
    if (rest === '') return { before: '' };
    return /^\s/.test(rest) ? { before: '', rest: rest.trimStart() } : undefined;
  }
  const at = trimmed.indexOf(fence);
  if (sign === '~' || at < 0 || at + runLength(trimmed.slice(at), sign) < trimmed.length) return undefined;
  return { before: line.slice(0, line.indexOf(fence)) };
}

function runLength(text: string, sign: string): number {
  let length = 0;
  while (text[length] === sign) length += 1;
  return length;
}

interface Start {
  readonly indent: number;
  /** Where its words begin. */
  readonly column: number;
  readonly marker: string | undefined;
  readonly checked: boolean | undefined;
  readonly content: string;
}

function itemOf(line: string): Start | undefined {
  const found = ITEM.exec(line);
  const [, lead = '', sign = '', gap = '', words = ''] = found ?? [];
  if (!found || !SAYS_SOMETHING.test(words)) return undefined;
  const numbered = /\d/.test(sign);
  const task = numbered ? null : TASK.exec(words);
  const indent = indentOf(lead);
  return {
    indent,
    column: indent + sign.length + Math.min(gap.length, 4),
    marker: numbered ? sign : undefined,
    checked: task ? task[1] !== ' ' : undefined,
    content: task ? words.slice(task[0].length) : words,
  };
}

/** Columns of white at the beginning of a line; a tab goes to the next fourth. */
function indentOf(line: string): number {
  let columns = 0;
  for (const letter of line) {
    if (letter === ' ') columns += 1;
    else if (letter === '\t') columns += 4 - (columns % 4);
    else break;
  }
  return columns;
}

/** The line without so many columns of white at its beginning. */
function outdented(line: string, columns: number): string {
  const white = line.length - line.trimStart().length;
  const left = Math.max(0, indentOf(line) - columns);
  return ' '.repeat(left) + line.slice(white);
}

/** The cells of a row: between bars, where no backslash stands before one. `end` is where what was typed of it ends. */
function cells(line: string): readonly { readonly text: string; readonly typed: string; readonly end: number }[] {
  const row = line.trimStart().replace(/^\|/, '');
  const parts = row.trimEnd().split(/(?<!\\)\|/);
  if (parts.length > 1 && blank(parts.at(-1))) parts.pop();
  let end = line.length - row.length - 1;
  return parts.map((typed) => {
    end += typed.length + 1;
    return { text: typed.replaceAll('\\|', '|').trim(), typed, end };
  });
}

function alignOf(cell: string): Align | undefined {
  const right = cell.endsWith(':');
  if (!cell.startsWith(':')) return right ? 'right' : undefined;
  return right ? 'center' : 'left';
}
