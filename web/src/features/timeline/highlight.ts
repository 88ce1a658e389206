/** Colours for code, loaded with the first code block that names its language. Gives pieces of text, never HTML. */
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';

export interface Piece {
  readonly text: string;
  /** The outer part of highlight.js' scope: `string`, `keyword`, `comment`, … */
  readonly kind?: string;
}

/** Takes the place of highlight.js' own emitter, which writes HTML. */
class Pieces {
  readonly list: Piece[] = [];
  readonly #scopes: string[] = [];
  addText(text: string): void {
    const kind = this.#scopes.at(-1);
    if (text !== '') this.list.push(kind ? { text, kind } : { text });
  }
  startScope(name: string): void {
    this.#scopes.push(name.split('.')[0] ?? name);
  }
  endScope(): void {
    this.#scopes.pop();
  }
  // The engine still uses the older names beside these.
  openNode(name: string): void {
    this.startScope(name);
  }
  closeNode(): void {
    this.endScope();
  }
  /** Another language inside, a script in a page: its emitter is one of these too. */
  __addSublanguage(other: object): void {
    if (other instanceof Pieces) this.list.push(...other.list);
  }
  finalize(): void {}
  toHTML(): string {
    return '';
  }
}

const languages = { bash, c, css, diff, go, java, javascript, json, python, rust, sql, typescript, xml, yaml };
for (const [name, definition] of Object.entries(languages)) hljs.registerLanguage(name, definition);
hljs.configure({ __emitter: Pieces });

/** More than this is read, not admired; colouring it would hold the page up. */
const LONGEST = 20_000;
/** Grammars look from each letter to the end of its word or line: one of ten thousand letters takes two seconds. */
const LONGEST_LINE = 200;
/** A hash or two are code; a text of such words is none, and from each of their letters some grammars look to the end of the line. */
const LONG_WORDS = /\w{41,}/g;
const MOST_IN_LONG_WORDS = 500;
const CACHE_SIZE = 100;
const coloured = new Map<string, readonly Piece[]>();

export function highlight(code: string, language: string): readonly Piece[] | undefined {
  if (code.length > LONGEST || !hljs.getLanguage(language)) return undefined;
  if (code.split('\n').some((line) => line.length > LONGEST_LINE)) return undefined;
  if ((code.match(LONG_WORDS) ?? []).join('').length > MOST_IN_LONG_WORDS) return undefined;
  const key = `${language}\n${code}`;
  const held = coloured.get(key);
  if (held) return held;
  const emitter: object = hljs.highlight(code, { language, ignoreIllegals: true })._emitter;
  if (!(emitter instanceof Pieces)) return undefined;
  // Rows come and go while scrolling; their code is read once.
  const [oldest] = coloured.keys();
  if (coloured.size >= CACHE_SIZE && oldest !== undefined) coloured.delete(oldest);
  coloured.set(key, emitter.list);
  return emitter.list;
}
