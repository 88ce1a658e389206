/** A block of code: as it was written, to copy, coloured once the highlighter has come. */
import { Check, Copy } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { copyText } from '../../lib/clipboard';
import { fetchCode } from '../../lib/fetch-code';
import { IconButton, toast } from '../../ui';
import type { Piece } from './highlight';

const COPIED_MS = 1600;

export function CodeBlock({ code, language }: { code: string; language?: string | undefined }) {
  const t = useTranslations('timeline');
  const [pieces, setPieces] = useState<readonly Piece[]>();
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!language) return;
    let gone = false;
    void fetchCode(() => import('./highlight'))
      .then(({ highlight }) => highlight(code, language))
      .then((found) => {
        if (!gone) setPieces(found);
      })
      // Without colours code is still code.
      .catch(() => undefined);
    return () => {
      gone = true;
    };
  }, [code, language]);

  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = () => {
    copyText(code).then(
      () => setCopied(true),
      () => toast({ text: t('copyFailed'), tone: 'error' }),
    );
  };

  return (
    <div className="md-code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling block must be reachable by keyboard */}
      <pre tabIndex={0} dir="ltr">
        <code>{pieces ? draw(pieces) : code}</code>
      </pre>
      <IconButton className="md-copy" size="small" label={copied ? t('copied') : t('copyCode')} onClick={copy}>
        {copied ? <Check size={15} /> : <Copy size={15} />}
      </IconButton>
    </div>
  );
}

function draw(pieces: readonly Piece[]): ReactNode {
  return pieces.map((piece, index) =>
    piece.kind ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place
      <span key={index} data-hl={piece.kind}>
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  );
}
