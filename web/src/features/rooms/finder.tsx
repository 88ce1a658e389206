/** A dialog that finds by name: the field, what the server found for it, and what stands there while that is nothing. */
import { Search } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Dialog, ErrorState, SkeletonRows } from '../../ui';
import './rooms.css';

const TYPING_PAUSE_MS = 180;

interface FinderProps<Row> {
  /** What the field asks for. */
  label: string;
  /** Asks the server; another function asks anew. */
  find(words: string): Promise<readonly Row[]>;
  failed: string;
  none(words: string): ReactNode;
  row(found: Row): ReactNode;
}

export function FinderDialog<Row extends { readonly id: number }>({
  open,
  onClose,
  title,
  ...finder
}: FinderProps<Row> & { open: boolean; onClose(): void; title: string }) {
  return (
    <Dialog open={open} onClose={onClose} title={title} placement="top">
      <Finder {...finder} />
    </Dialog>
  );
}

function Finder<Row extends { readonly id: number }>({ label, find, failed, none, row }: FinderProps<Row>) {
  const t = useTranslations('roomDialogs');
  const [words, setWords] = useState('');
  const [attempt, setAttempt] = useState(0);
  const [found, setFound] = useState<readonly Row[]>();
  const [broken, setBroken] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks the same question again
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(
      () => {
        find(words.trim()).then(
          (rows) => {
            if (stale) return;
            setBroken(false);
            setFound(rows);
          },
          () => !stale && setBroken(true),
        );
      },
      words === '' ? 0 : TYPING_PAUSE_MS,
    );
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [words, attempt, find]);

  return (
    <div className="rb">
      <label className="rb-search">
        <Search size={16} aria-hidden="true" />
        <span className="ui-hidden">{label}</span>
        <input
          ref={field}
          type="search"
          value={words}
          placeholder={label}
          onChange={(event) => setWords(event.target.value)}
        />
      </label>
      {broken && <ErrorState title={failed} onRetry={() => setAttempt(attempt + 1)} />}
      {!broken && !found && <SkeletonRows rows={4}>{t('loading')}</SkeletonRows>}
      {!broken && found?.length === 0 && none(words.trim())}
      {!broken && found && found.length > 0 && (
        <ul className="rb-list">
          {found.map((one) => (
            <li key={one.id}>{row(one)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
