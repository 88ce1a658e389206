/** Addresses in a text: where one ends, whether it may be opened, and whether its words tell the truth about it. */

const SAFE = /^(?:https?:|mailto:)/i;

/** The address if it may be opened from a message, undefined otherwise. */
export function safeHref(href: string): string | undefined {
  const trimmed = href.trim();
  if (!SAFE.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  return trimmed;
}

/** No address holds these unescaped: spaces, quotes, what is invisible, and the punctuation of full width and of Chinese. */
const NEVER =
  /[\s<>"`\p{Cc}\u060c\u061b\u061f\u200b\u200e\u200f\u2018-\u201f\u2026\u2028-\u202f\u2060-\u2069\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]/u;
const HOST_LETTER = /[\p{L}\p{N}\p{M}]/u;
/** Brackets that the address itself opened belong to it; one that it did not open ends it. */
const CLOSES: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
const TRAILING = /[.,:;!?'"*_~|\\([{]/;
const ASCII = /[\x21-\x7e]/;

/** Where the address ends whose host begins at `from`; `from` itself when there is none. One look at each letter. */
export function addressEnd(text: string, from: number): number {
  const first = String.fromCodePoint(text.codePointAt(from) ?? 32);
  if (!HOST_LETTER.test(first) && first !== '[') return from;
  // A host in Latin letters ends where Chinese begins that was typed right behind it.
  const foreign = !ASCII.test(first);
  const open: Record<string, number> = { '(': 0, '[': 0, '{': 0 };
  let inHost = true;
  let end = from;
  while (end < text.length) {
    const letter = String.fromCodePoint(text.codePointAt(end) ?? 0);
    if (NEVER.test(letter)) break;
    if ((letter === '*' || letter === '~') && text[end + 1] === letter) break;
    if (inHost) {
      if (letter === '/' || letter === '?' || letter === '#') inHost = false;
      else if (!ASCII.test(letter) && !(foreign && HOST_LETTER.test(letter))) break;
    }
    const opener = CLOSES[letter];
    if (opener) {
      const left = (open[opener] ?? 0) - 1;
      if (left < 0) break;
      open[opener] = left;
    } else if (letter in open) {
      open[letter] = (open[letter] ?? 0) + 1;
    }
    end += letter.length;
  }
  while (end > from && TRAILING.test(text[end - 1] ?? '')) end -= 1;
  return end;
}

const LOCAL = /[\w.%+-]/;
const DOMAIN = /(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}(?![a-z0-9])/iy;
const LONGEST_LOCAL = 64;

/** The mail address around an `@`, if there is one that begins at `from` or later. */
export function mailAround(text: string, from: number, at: number): { start: number; end: number } | undefined {
  let start = at;
  const least = Math.max(from, at - LONGEST_LOCAL);
  while (start > least && LOCAL.test(text[start - 1] ?? '')) start -= 1;
  while (start < at && /[.%+-]/.test(text[start] ?? '')) start += 1;
  // "@bob@example.org" is somebody at another server and no mail.
  if (start === at || text[start - 1] === '@') return undefined;
  DOMAIN.lastIndex = at + 1;
  const domain = DOMAIN.exec(text);
  return domain ? { start, end: at + 1 + domain[0].length } : undefined;
}

const DOTTED = /^(?:[\p{L}\p{N}_-]+\.)+(?:\p{L}{2,}|xn--[a-z0-9-]+)$|^\d{1,3}(?:\.\d{1,3}){3}$/iu;

function plainHost(host: string): string {
  return host.toLowerCase().replace(/^www\./, '');
}

/** The host, or the mail's domain, that an address really leads to, when the words of its link look like another one. */
export function hostBehind(words: string, href: string): string | undefined {
  const claimed = words
    .normalize('NFKC')
    .replace(/[。｡]/g, '.')
    .split(/[^\p{L}\p{N}._-]+/u)
    .map((word) => word.replace(/^[.]+|[.]+$/g, ''))
    .find((word) => DOTTED.test(word));
  if (claimed === undefined) return undefined;
  const url = new URL(href);
  const real = url.protocol === 'mailto:' ? (url.pathname.split('@').pop() ?? '') : url.hostname;
  const bare = `https://${claimed}`;
  const said = plainHost(URL.canParse(bare) ? new URL(bare).hostname : claimed);
  const host = plainHost(real);
  return host === said || host.endsWith(`.${said}`) ? undefined : real;
}
