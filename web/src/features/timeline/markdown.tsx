/**
 * Message text to React nodes. `lib/markdown` reads it and every part is drawn by hand: no HTML is ever parsed or inserted, tags
 * show as the text they are, and links go only where a chat link may go.
 */
import { Fragment, memo, type ReactNode } from 'react';
import type { MentionSpan } from '../../gen/wire';
import { turnsOf } from '../../lib/bidi';
import { type Block, type Inline, type Item, type Link, readText } from '../../lib/markdown';
import { CodeBlock } from './code-block';
import { Named } from './named';

export interface MarkdownProps {
  source: string;
  /** Whom it calls, and where. */
  mentions?: readonly MentionSpan[] | undefined;
  me: number;
  /** A remark that follows the last word: on its line where that is text, below it where it is code or a table. */
  tail?: ReactNode;
}

/** How a block is drawn: for whom, what follows its last word, and on which side it begins. */
interface Manner {
  readonly me: number;
  readonly tail?: ReactNode;
  /** Told at the outermost blocks only: HTML finds the direction of a block without looking into one that has its own. */
  readonly dir?: 'auto';
}

export const Markdown = memo(function Markdown({ source, mentions, me, tail }: MarkdownProps) {
  return <>{blocks(readText(source, mentions), { me, tail, dir: 'auto' })}</>;
});

function blocks(list: readonly Block[], { tail, ...manner }: Manner): ReactNode {
  return list.map((one, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: blocks have no identity but their place
    <Fragment key={index}>{block(one, index === list.length - 1 ? { ...manner, tail } : manner)}</Fragment>
  ));
}

/** What ends in text takes the remark in; after anything else it stands below. */
function block(one: Block, manner: Manner): ReactNode {
  const { me, tail, dir } = manner;
  switch (one.type) {
    case 'paragraph':
      return (
        <p dir={dir}>
          {inlines(one.children, me)}
          {tail && (
            <>
              {unclosed(one.children)} {tail}
            </>
          )}
        </p>
      );
    case 'list':
      return list(one, manner);
    default:
      return (
        <>
          {standing(one, me, dir)}
          {tail && <p>{tail}</p>}
        </>
      );
  }
}

function standing(one: Exclude<Block, { type: 'paragraph' | 'list' }>, me: number, dir?: 'auto'): ReactNode {
  switch (one.type) {
    case 'heading':
      return (
        <p className="md-heading" dir={dir}>
          {inlines(one.children, me)}
        </p>
      );
    case 'code':
      return <CodeBlock code={one.text} language={one.language} />;
    case 'quote':
      return <blockquote dir={dir}>{blocks(one.children, { me })}</blockquote>;
    case 'rule':
      return <hr />;
    case 'table':
      return table(one, me, dir);
  }
}

function list({ ordered, items }: Extract<Block, { type: 'list' }>, { dir, ...manner }: Manner): ReactNode {
  const rows = items.map((one, index) => item(one, index, index === items.length - 1 ? manner : { me: manner.me }));
  if (!ordered) return <ul dir={dir}>{rows}</ul>;
  const widest = Math.max(...items.map(({ marker }) => marker?.length ?? 0));
  return (
    <ol dir={dir} style={widest > 2 ? { paddingInlineStart: `${widest + 1}ch` } : undefined}>
      {rows}
    </ol>
  );
}

/** The number is the one that was typed, `05)` too: who answers points 2 and 5 does not mean 2 and 3. */
function item({ marker, checked, children }: Item, index: number, manner: Manner): ReactNode {
  if (checked !== undefined) {
    return (
      <li key={index} className="md-task">
        <span className="md-check" data-on={checked || undefined} aria-hidden="true" />
        {blocks(children, manner)}
      </li>
    );
  }
  if (marker === undefined) return <li key={index}>{blocks(children, manner)}</li>;
  const value = Number.parseInt(marker, 10);
  return (
    <li key={index} value={value} style={marker === `${value}.` ? undefined : { listStyleType: `"${marker} "` }}>
      {blocks(children, manner)}
    </li>
  );
}

function table({ align, rows }: Extract<Block, { type: 'table' }>, me: number, dir?: 'auto'): ReactNode {
  const [head = [], ...body] = rows;
  const cell = (part: readonly Inline[], column: number, Tag: 'th' | 'td') => (
    <Tag key={column} style={align[column] ? { textAlign: align[column] } : undefined}>
      {inlines(part, me)}
    </Tag>
  );
  return (
    <div className="md-table" dir={dir}>
      <table>
        <thead>
          <tr>{head.map((part, column) => cell(part, column, 'th'))}</tr>
        </thead>
        <tbody>
          {body.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
            <tr key={index}>{row.map((part, column) => cell(part, column, 'td'))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inlines(list: readonly Inline[], me: number): ReactNode {
  return list.map((one, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place
    <Fragment key={index}>{inline(one, me)}</Fragment>
  ));
}

function inline(one: Inline, me: number): ReactNode {
  switch (one.type) {
    case 'text':
      return one.text;
    case 'emoji':
      return <Named text={one.text} />;
    case 'mention':
      return (
        <span className="md-mention" data-me={one.user === me || undefined}>
          {one.text}
        </span>
      );
    case 'code':
      return <code>{one.text}</code>;
    case 'link':
      return link(one, me);
    default: {
      const Tag = one.type;
      return <Tag>{inlines(one.children, me)}</Tag>;
    }
  }
}

/** No title: a remark by the sender that only some see is no part of the text. A label that looks like elsewhere is unmasked. */
function link({ href, host, children }: Link, me: number): ReactNode {
  return (
    <>
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {inlines(children, me)}
      </a>
      {host !== undefined && <span className="md-host">{` (${host})`}</span>}
    </>
  );
}

/** What ends the directions that a text left open, so that nothing behind it on its line is turned round. */
function unclosed(parts: readonly Inline[]): string {
  const last = parts.at(-1);
  if (!last || 'children' in last) return '';
  return turnsOf(last.text.slice(last.text.lastIndexOf('\n') + 1)).open;
}
