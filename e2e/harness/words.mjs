/** The words of the client, from its own locale files: a test names what it means, not how it is worded today. */
import { readdirSync, readFileSync } from 'node:fs';

const LOCALES = new URL('../../web/src/locales/', import.meta.url);

function read(locale) {
  const folder = new URL(`${locale}/`, LOCALES);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return Object.assign({}, ...files.map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))));
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export class Words {
  #tree;

  /** @param {'en' | 'zh-Hans'} locale */
  constructor(locale) {
    this.locale = locale;
    this.#tree = read(locale);
  }

  #find(key) {
    const text = key.split('.').reduce((node, part) => node?.[part], this.#tree);
    if (typeof text !== 'string') throw new Error(`there are no words for ${key} in ${this.locale}`);
    return text;
  }

  /** The words, where they are the same for everybody. */
  say(key) {
    const text = this.#find(key);
    if (text.includes('{') || text.includes('<')) throw new Error(`${key} depends on values: ask for its pattern`);
    return text;
  }

  /** What the words look like with any values in their places; named values narrow it. */
  like(key, values = {}) {
    const { pattern } = patternOf(this.#find(key).replace(/<\/?\w+>/g, ''), 0, values);
    return new RegExp(`^\\s*${pattern}\\s*$`);
  }
}

/** Reads up to the brace that closes, or to the end: `{name}`, `{count, plural, one {…} other {…}}`, `#`. */
function patternOf(text, from, values) {
  let pattern = '';
  let at = from;
  while (at < text.length && text[at] !== '}') {
    if (text[at] === '#') pattern += '[\\d.,]+';
    else if (text[at] === '{') {
      const place = placeAt(text, at + 1, values);
      pattern += place.pattern;
      at = place.at;
    } else pattern += escaped(text[at]);
    at += 1;
  }
  return { pattern, at };
}

/** A place for a value, after its opening brace; `at` is its closing one. */
function placeAt(text, from, values) {
  const [head, name] = /^\s*(\w+)\s*/.exec(text.slice(from));
  let at = from + head.length;
  if (text[at] !== ',') {
    const value = values[name];
    return { at, pattern: value === undefined ? '[\\s\\S]+?' : escaped(String(value)) };
  }
  const choices = [];
  at = text.indexOf(',', at + 1) + 1;
  while (text[at] !== '}') {
    const choice = /^\s*(=?[\w]+)\s*\{/.exec(text.slice(at));
    if (!choice) {
      at += 1;
      continue;
    }
    const inner = patternOf(text, at + choice[0].length, values);
    const wanted = values[name];
    if (wanted === undefined || typeof wanted === 'number' || wanted === choice[1]) choices.push(inner.pattern);
    at = inner.at + 1;
  }
  return { at, pattern: `(?:${choices.join('|')})` };
}
