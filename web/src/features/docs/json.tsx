import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { copyText } from '../../lib/clipboard';
import { IconButton } from '../../ui';

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON in four inks. */
function coloured(text: string) {
  const parts: { at: number; text: string; kind: string | undefined }[] = [];
  let end = 0;
  for (const hit of text.matchAll(TOKEN)) {
    const at = hit.index;
    if (at > end) parts.push({ at: end, text: text.slice(end, at), kind: undefined });
    const [whole, string, colon, word] = hit;
    const kind = string ? (colon ? 'key' : 'string') : word ? 'word' : 'number';
    parts.push({ at, text: string ?? whole, kind });
    if (string && colon) parts.push({ at: at + string.length, text: colon, kind: undefined });
    end = at + whole.length;
  }
  if (end < text.length) parts.push({ at: end, text: text.slice(end), kind: undefined });
  return parts.map((part) =>
    part.kind ? (
      <span key={part.at} data-kind={part.kind}>
        {part.text}
      </span>
    ) : (
      part.text
    ),
  );
}

/** A block of code that can be copied. */
export function Code({ label, text, json = false }: { label: string; text: string; json?: boolean }) {
  const t = useTranslations('docs');
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await copyText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <figure className="docs-code">
      <figcaption>
        {label}
        <IconButton
          size="small"
          label={copied ? t('copied') : t('copy')}
          onClick={() => void copy().catch(() => undefined)}
        >
          {copied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
        </IconButton>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling block must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{json ? coloured(text) : text}</code>
      </pre>
    </figure>
  );
}
