/**
 * Whom a text is going to call, for rows that the server has not read yet: its rule of names (`crates/domain/src/mentions.rs`), among
 * the members that are known here. What is code, a link or an address the reader of the text knows. Nobody is called by this.
 */
import type { MentionSpan, Message } from '../../gen/wire';
import { useChat } from '../../state';

/** As many as the server takes of one text. */
const MOST = 50;
/** Characters that are looked at for one name. */
const LONGEST = 96;

const EVERYBODY = new Set(['all', 'everyone', 'here', 'room', '所有人', '全体成员', '全體成員']);

const AT = /^[@＠]$/;
const BEGINS = /^[\p{Alphabetic}\p{N}_]$/u;
const NAME = /^[\p{Alphabetic}\p{N}\p{M}_.-]$/u;
const WORD = /^[\p{Alphabetic}\p{N}\p{M}]$/u;
const MARK = /^\p{M}$/u;
const UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]$/u;
/** "@bob@example.org" is somebody at another server. */
const DOMAIN = /^@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24})(?![a-z0-9])/i;
const LOCAL = /[\w.%+-]*$/;
/** "medium.com/@bob" is an address, if nobody wrote its scheme. */
const PATH = /(?:^|[^a-z0-9.\-/_@])[a-z0-9][a-z0-9_@-]*\.[a-z0-9.\-/_@]*$/i;
const PATH_LETTERS = 256;

const is = (kind: RegExp, letter: string | undefined) => letter !== undefined && kind.test(letter);

/** What is the same of a name however it is written. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ');
}

/** `find` tells who has a name, by its key. */
export function spansOf(text: string, find: (key: string) => number | undefined): readonly MentionSpan[] {
  const letters = [...text];
  const spans: MentionSpan[] = [];
  let behind = -1;
  for (let at = 0; at < letters.length && spans.length < MOST; at += 1) {
    if (!is(AT, letters[at]) || (at !== behind && isJoined(letters, at)) || !is(BEGINS, letters[at + 1])) continue;
    let end = at + 1;
    while (is(NAME, letters[end])) end += 1;
    behind = end;
    const domain = domainAt(letters, end);
    if (domain) {
      at = end + domain.length - 1;
      behind = -1;
      continue;
    }
    const named = longest(letters, at + 1, end, find);
    if (named) spans.push({ start: at, length: named.end - at, user_id: named.user });
    at = end - 1;
  }
  return spans;
}

/** The longest name that somebody has of the letters from `start` on. */
function longest(letters: readonly string[], start: number, runEnd: number, find: (key: string) => number | undefined) {
  for (let end = Math.min(runEnd, start + LONGEST); end > start; end -= 1) {
    if (!mayEnd(letters, end, runEnd)) continue;
    const key = nameKey(letters.slice(start, end).join(''));
    const user = EVERYBODY.has(key) ? 0 : find(key);
    if (user !== undefined) return { end, user };
  }
  return undefined;
}

/** Whether a name may be over before this letter: punctuation ends it, or one of two letters is of a script that sets no spaces. */
function mayEnd(letters: readonly string[], end: number, runEnd: number): boolean {
  const last = letters[end - 1];
  if (last === '.' || last === '-') return false;
  if (end === runEnd) return true;
  const next = letters[end];
  if (is(WORD, next)) return !is(MARK, next) && (is(UNSPACED, last) || is(UNSPACED, next));
  let behind = end;
  while (behind < runEnd && (letters[behind] === '-' || letters[behind] === '_')) behind += 1;
  const first = behind < runEnd ? letters[behind] : undefined;
  return !(is(WORD, first) && !is(UNSPACED, first)) || is(UNSPACED, last);
}

/** "mail@example.org" calls nobody, but 谢谢@小明 does. */
function isJoined(letters: readonly string[], at: number): boolean {
  const before = letters[at - 1];
  const head = letters.slice(Math.max(0, at - PATH_LETTERS), at).join('');
  if (before === '/') return PATH.test(head);
  return (is(WORD, before) && !is(UNSPACED, before)) || (isLocal(head) && domainAt(letters, at) !== undefined);
}

/** Whether this ends in what may stand before the `@` of a mail address. */
function isLocal(head: string): boolean {
  const run = LOCAL.exec(head)?.[0] ?? '';
  const local = run.replace(/^[.%+-]+/, '');
  return local !== '' && (local !== run || head.at(-run.length - 1) !== '@');
}

function domainAt(letters: readonly string[], at: number): string | undefined {
  return letters[at] === '@' ? DOMAIN.exec(letters.slice(at, at + PATH_LETTERS).join(''))?.[0] : undefined;
}

/** The message as the server is going to tell it, as far as that is known here. */
export function withMentions(message: Message): Message {
  if (!/[@＠]/.test(message.content)) return message;
  const { members, rooms } = useChat.getState();
  const here = members[message.room_id]?.map((member) => member.user) ?? rooms[message.room_id]?.peers ?? [];
  const ids = new Map(here.map(({ id, username }) => [nameKey(username), id]));
  return { ...message, mention_spans: [...spansOf(message.content, (key) => ids.get(key))] };
}
