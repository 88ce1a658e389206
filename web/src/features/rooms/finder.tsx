/** A dialog that finds by name: the field, what the server found for it, and what stands there while that is nothing. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Dialog, ErrorState, SearchField, SkeletonRows } from '../../ui';
import './rooms.css';
import { useFound } from './use-found';

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
  const { rows, broken, again } = useFound(find, words);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  return (
    <div className="rb">
      <SearchField ref={field} label={label} words={words} onWords={setWords} />
      {broken && <ErrorState title={failed} onRetry={again} />}
      {!broken && !rows && <SkeletonRows rows={4}>{t('loading')}</SkeletonRows>}
      {!broken && rows?.length === 0 && none(words.trim())}
      {!broken && rows && rows.length > 0 && (
        <ul className="rb-list">
          {rows.map((one) => (
            <li key={one.id}>{row(one)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
