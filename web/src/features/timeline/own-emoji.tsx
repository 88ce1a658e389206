/** Draws `:name:` as the picture that the place has for it, and as text where it has none. */
import { Fragment, useEffect, useState } from 'react';
import { type Inline, readText } from '../../lib/markdown';
import { inOneLine } from '../../lib/plain';
import { needEmojis } from '../../net/emojis';
import { useEmojis } from '../../state/emojis';
import type { NamedProps } from './named';

export default function OwnEmoji({ text, source }: NamedProps) {
  const names = /:[a-z\d_-]{2,32}:/.test(text);
  useEffect(() => {
    if (names) void needEmojis();
  }, [names]);
  return source === undefined ? <One text={text} /> : <Line source={source} />;
}

function One({ text }: { text: string }) {
  const emoji = useEmojis(({ byName }) => byName.get(text.slice(1, -1)));
  const [missing, setMissing] = useState<string>();
  if (!emoji || missing === emoji.url) return <span className="md-name">{text}</span>;
  return (
    <img
      className="md-emoji"
      src={emoji.url}
      alt={text}
      data-tip={text}
      decoding="async"
      draggable={false}
      onError={() => setMissing(emoji.url)}
    />
  );
}

/** A character that no text has: Unicode keeps it for uses like this one. */
const BORDER = '\ufdd0';

/** The text in one line, with a border on both sides of each `:name:`. */
function bordered(source: string): string {
  const border = (_: string, one: unknown) => (isName(one) ? { ...one, text: BORDER + one.text + BORDER } : one);
  return inOneLine(JSON.parse(JSON.stringify(readText(source), border)));
}

function isName(value: unknown): value is Extract<Inline, { type: 'emoji' }> {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'emoji';
}

function Line({ source }: { source: string }) {
  return bordered(source)
    .split(BORDER)
    .map((part, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place
      <Fragment key={index}>{index % 2 === 1 ? <One text={part} /> : part}</Fragment>
    ));
}
