/**
 * Message text to React nodes. The source is read by marked's lexer and every token is drawn by hand: no HTML is ever
 * parsed or inserted, tags show as the text they are, and links go only where a chat link may go.
 */
import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked';
import { Fragment, memo, type ReactNode } from 'react';
import { splitMentions } from '../../lib/mentions';
import { CodeBlock } from './code-block';

export interface Names {
  /** Which of the names that a run of letters may mean is one the message mentions. */
  mention(run: string): string | undefined;
  isMe(name: string): boolean;
}

/** Beyond these the lexer takes seconds, or the stack ends: such a text was not written to be read as Markdown. */
const DEEPEST = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))){16}/m;
const MOST_MARKS = 400;
const MOST_BRACKETS = 400;

function tooInvolved(source: string): boolean {
  if (DEEPEST.test(source)) return true;
  const prose = source.replace(/```[\s\S]*?(?:```|$)/g, '');
  const marks = prose.match(/[*_~]+/g)?.length ?? 0;
  const brackets = prose.match(/[[<]/g)?.length ?? 0;
  return marks > MOST_MARKS || brackets > MOST_BRACKETS;
}

function read(source: string): readonly Token[] {
  if (tooInvolved(source)) return [{ type: 'html', raw: source, text: source, block: true, pre: false }];
  return Lexer.lex(source, { gfm: true, breaks: true });
}

const CACHE_SIZE = 1000;
const parsed = new Map<string, readonly Token[]>();

/** Rows come and go while scrolling; their text is read once. */
function tokensOf(source: string): readonly Token[] {
  const held = parsed.get(source);
  if (held) return held;
  const tokens = read(source);
  if (parsed.size >= CACHE_SIZE) {
    const oldest = parsed.keys().next().value;
    if (oldest !== undefined) parsed.delete(oldest);
  }
  parsed.set(source, tokens);
  return tokens;
}

const SAFE = /^(?:https?:|mailto:)/i;

/** The address if it may be opened from a message, undefined otherwise. */
export function safeHref(href: string): string | undefined {
  const trimmed = href.trim();
  if (!SAFE.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  return trimmed;
}

export interface MarkdownProps {
  source: string;
  names: Names;
  /** A remark that follows the last word: on its line where that is text, below it where it is code or a table. */
  tail?: ReactNode;
}

export const Markdown = memo(function Markdown({ source, names, tail }: MarkdownProps) {
  return <>{blocks(tokensOf(source), names, tail)}</>;
});

function blocks(tokens: readonly Token[], names: Names, tail?: ReactNode): ReactNode {
  const last = tokens.findLastIndex((token) => token.type !== 'space');
  return tokens.map((token, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: tokens have no identity but their place
    <Fragment key={index}>{block(token as MarkedToken, names, index === last ? tail : undefined)}</Fragment>
  ));
}

/** What ends in text takes the remark in; after anything else it stands below. */
function block(token: MarkedToken, names: Names, tail?: ReactNode): ReactNode {
  if (!tail) return plainBlock(token, names);
  switch (token.type) {
    case 'paragraph':
      return (
        <p>
          {inline(token.tokens, names)} {tail}
        </p>
      );
    case 'text':
      return (
        <>
          {plainBlock(token, names)} {tail}
        </>
      );
    case 'list':
      return list(token, names, tail);
    default:
      return (
        <>
          {plainBlock(token, names)}
          <p>{tail}</p>
        </>
      );
  }
}

function plainBlock(token: MarkedToken, names: Names): ReactNode {
  switch (token.type) {
    case 'space':
    case 'def':
      return token.type === 'def' ? <p>{token.raw}</p> : null;
    case 'paragraph':
      return <p>{inline(token.tokens, names)}</p>;
    case 'text':
      // Inside list items the lexer gives block-level text with inline tokens of its own.
      return 'tokens' in token && token.tokens ? inline(token.tokens, names) : mentioned(token.text, names);
    case 'heading':
      return <p className="md-heading">{inline(token.tokens, names)}</p>;
    case 'code':
      return <CodeBlock code={token.text} language={token.lang} />;
    case 'blockquote':
      return <blockquote>{blocks(token.tokens, names)}</blockquote>;
    case 'list':
      return list(token, names);
    case 'hr':
      return <hr />;
    case 'table':
      return table(token, names);
    case 'html':
      return <p>{token.raw.trimEnd()}</p>;
    default:
      return inlineOne(token, names);
  }
}

function list(token: Tokens.List, names: Names, tail?: ReactNode): ReactNode {
  const items = token.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: items have no identity but their place
    <li key={index} className={item.task ? 'md-task' : undefined}>
      {item.task && <span className="md-check" data-on={item.checked || undefined} aria-hidden="true" />}
      {blocks(
        item.tokens.filter((part) => part.type !== 'checkbox'),
        names,
        index === token.items.length - 1 ? tail : undefined,
      )}
    </li>
  ));
  return token.ordered ? <ol start={token.start === '' ? undefined : token.start}>{items}</ol> : <ul>{items}</ul>;
}

function table(token: Tokens.Table, names: Names): ReactNode {
  const cell = (part: Tokens.TableCell, column: number, Tag: 'th' | 'td') => (
    <Tag key={column} style={part.align ? { textAlign: part.align } : undefined}>
      {inline(part.tokens, names)}
    </Tag>
  );
  return (
    <div className="md-table">
      <table>
        <thead>
          <tr>{token.header.map((part, column) => cell(part, column, 'th'))}</tr>
        </thead>
        <tbody>
          {token.rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
            <tr key={index}>{row.map((part, column) => cell(part, column, 'td'))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inline(tokens: readonly Token[], names: Names): ReactNode {
  return tokens.map((token, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: tokens have no identity but their place
    <Fragment key={index}>{inlineOne(token as MarkedToken, names)}</Fragment>
  ));
}

function inlineOne(token: MarkedToken, names: Names): ReactNode {
  switch (token.type) {
    case 'text':
      return 'tokens' in token && token.tokens ? inline(token.tokens, names) : mentioned(token.text, names);
    case 'escape':
      return token.text;
    case 'strong':
      return <strong>{inline(token.tokens, names)}</strong>;
    case 'em':
      return <em>{inline(token.tokens, names)}</em>;
    case 'del':
      return <del>{inline(token.tokens, names)}</del>;
    case 'codespan':
      return <code>{token.text}</code>;
    case 'br':
      return <br />;
    case 'link': {
      const href = safeHref(token.href);
      return href ? (
        <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={token.title ?? undefined}>
          {inline(token.tokens, names)}
        </a>
      ) : (
        token.raw
      );
    }
    // A picture from anywhere would tell its host who reads: a link instead.
    case 'image': {
      const href = safeHref(token.href);
      return href ? (
        <a href={href} target="_blank" rel="noopener noreferrer nofollow">
          {token.text || href}
        </a>
      ) : (
        token.raw
      );
    }
    default:
      return token.raw;
  }
}

function mentioned(text: string, names: Names): ReactNode {
  if (!text.includes('@')) return text;
  return splitMentions(text).map((piece, index) => {
    const name = piece.name === undefined ? undefined : names.mention(piece.name);
    if (name === undefined) return piece.text;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place
      <Fragment key={index}>
        <span className="md-mention" data-me={names.isMe(name) || undefined}>
          {`@${name}`}
        </span>
        {piece.text.slice(name.length + 1)}
      </Fragment>
    );
  });
}
