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

export function highlight(code: string, language: string): readonly Piece[] | undefined {
  if (code.length > LONGEST || code.split('\n').some((line) => line.length > LONGEST_LINE)) return undefined;
  if (!hljs.getLanguage(language)) return undefined;
  const emitter: object = hljs.highlight(code, { language, ignoreIllegals: true })._emitter;
  return emitter instanceof Pieces ? emitter.list : undefined;
}
