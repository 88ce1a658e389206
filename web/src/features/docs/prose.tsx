/** Sentences from the document: only `code` in backquotes has a meaning. */
export function Prose({ text, className }: { text: string; className?: string }) {
  const parts = text.split('`');
  return (
    <p className={className ? `docs-prose ${className}` : 'docs-prose'}>
      {parts.map((part, at) => {
        const key = `${at}${part}`;
        return at % 2 === 1 ? <code key={key}>{part}</code> : <span key={key}>{part}</span>;
      })}
    </p>
  );
}
