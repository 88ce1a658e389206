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
    const text = this.#find(key).replace(/<\/?\w+>/g, '');
    let pattern = '';
    let depth = 0;
    let place = '';
    for (const sign of text) {
      if (sign === '{') depth += 1;
      if (depth > 0) place += sign;
      else pattern += escaped(sign);
      if (sign !== '}') continue;
      depth -= 1;
      if (depth > 0) continue;
      const value = values[place.slice(1, -1)];
      pattern += value === undefined ? '[\\s\\S]*' : escaped(String(value));
      place = '';
    }
    return new RegExp(`^\\s*${pattern}\\s*$`);
  }
}
