/** Files by kind and name: pictures side by side, a line for each other file, on and on to the first of them. */
import { FolderOpen, SearchX } from 'lucide-react';
import { type CSSProperties, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import type { FileCategory, FileRow } from '../../gen/wire';
import { dayName } from '../../lib/time';
import { Button, EmptyState, ErrorState, SearchField, SkeletonRows, Tabs } from '../../ui';
import './files.css';
import { listLines } from './lines';
import { ListedFile } from './listed-file';
import { ListedPicture } from './listed-picture';
import type { FileParts } from './parts';
import { useColumns } from './use-columns';
import { useFileListing } from './use-file-listing';

export interface FileListProps {
  /** None for all rooms. */
  roomId?: number | undefined;
  parts: FileParts;
  /** Shows the message that has it. */
  onJump(file: FileRow): void;
  /** Shows those of all rooms. */
  onEverywhere(): void;
}

const KINDS = ['all', 'image', 'video', 'audio', 'file'] as const;
type Kind = (typeof KINDS)[number];

/** Lines ahead of the view that are fetched. */
const AHEAD = 12;

export function FileList(props: FileListProps) {
  const t = useTranslations('fileList');
  const [kind, setKind] = useState<Kind>('all');
  const [words, setWords] = useState('');
  return (
    <div className="fl" data-wide={props.roomId === undefined || undefined}>
      <SearchField label={t('find')} words={words} onWords={setWords} />
      <Tabs
        label={t('kinds')}
        value={kind}
        tabs={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
        onChange={setKind}
      >
        <Found key={kind} {...props} kind={kind} words={words.trim()} />
      </Tabs>
      {props.roomId !== undefined && (
        <Button size="small" variant="plain" onClick={props.onEverywhere}>
          {t('everywhere')}
        </Button>
      )}
    </div>
  );
}

function Found({
  roomId,
  parts,
  onJump,
  kind,
  words,
}: Omit<FileListProps, 'onEverywhere'> & { kind: Kind; words: string }) {
  const t = useTranslations('fileList');
  const locale = useLocale();
  const category: FileCategory | undefined = kind === 'all' ? undefined : kind;
  const { listing, phase, more } = useFileListing({ roomId, category, words });
  const { rows, next } = listing;
  const scroller = useRef<HTMLDivElement>(null);
  const columns = useColumns(scroller, roomId === undefined ? 150 : 100);
  const lines = useMemo(() => listLines(rows, columns, next !== undefined), [rows, columns, next]);
  const pictures = useMemo(() => rows.filter((file) => file.category === 'image'), [rows]);
  const [fileId, setFileId] = useState<number>();
  const close = useCallback(() => setFileId(undefined), []);
  const open = useCallback((file: FileRow) => setFileId(file.id), []);

  // Whoever comes near the end of what is here gets the next page; one that was looked through in vain is followed by another.
  const list = useRef<VirtualizerHandle>(null);
  const fill = () => {
    const handle = list.current;
    if (!handle || phase !== 'ready' || !next || handle.viewportSize === 0) return;
    if (lines.length <= handle.findItemIndex(handle.scrollOffset + handle.viewportSize) + AHEAD) more();
  };
  const fillNow = useRef(fill);
  fillNow.current = fill;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is still in view after a page must ask once more
  useEffect(() => fillNow.current(), [lines, phase]);
  const onMoved = useCallback(() => fillNow.current(), []);

  const all = roomId === undefined;
  const Day = all ? 'h2' : 'h3';
  if (rows.length === 0 && phase === 'failed') return <ErrorState title={t('loadFailed')} onRetry={more} />;
  if (rows.length === 0 && phase === 'ready' && !next) {
    return words === '' ? (
      <EmptyState icon={<FolderOpen />} title={t('none', { kind })}>
        {t('noneHint')}
      </EmptyState>
    ) : (
      <EmptyState icon={<SearchX />} title={t('noneNamed', { words })} />
    );
  }
  return (
    <>
      <p className="ui-hidden" role="status">
        {phase === 'ready' && words !== '' && t('found', { count: rows.length, more: next ? 'yes' : 'no' })}
      </p>
      <div className="fl-scroll" ref={scroller} data-testid="file-list">
        <Virtualizer ref={list} as="ul" item="li" data={lines} onScroll={onMoved} onResize={onMoved}>
          {(line) => {
            switch (line.kind) {
              case 'day':
                return <Day key={line.key}>{dayName(line.at, locale)}</Day>;
              case 'pictures':
                return (
                  <div key={line.key} className="fl-pictures" style={{ '--fl-columns': columns } as CSSProperties}>
                    {line.files.map((file) => (
                      <ListedPicture key={file.id} file={file} placed={all} onOpen={open} />
                    ))}
                  </div>
                );
              case 'file':
                return <ListedFile key={line.key} file={line.file} placed={all} parts={parts} onJump={onJump} />;
              case 'more':
                return (
                  <div key="more" className="fl-more">
                    {phase === 'failed' ? (
                      <Button size="small" onClick={more}>
                        {t('loadMore')}
                      </Button>
                    ) : (
                      <SkeletonRows rows={rows.length === 0 ? 6 : 1}>{t('loading')}</SkeletonRows>
                    )}
                  </div>
                );
              case 'end':
                return (
                  <p key="end" className="fl-end">
                    {t('end')}
                  </p>
                );
            }
          }}
        </Virtualizer>
      </div>
      <parts.Lightbox files={pictures} fileId={fileId} onClose={close} onJump={onJump} onLast={more} />
    </>
  );
}
