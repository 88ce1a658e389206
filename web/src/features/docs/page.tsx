import { ArrowDownLeft, ArrowUpRight, Download, Languages, Search } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import './docs.css';
import { BrandMark, Button, ErrorState, Field, SkeletonRows } from '../../ui';
import { CredentialBox } from './credential';
import { Fields } from './fields';
import { Code } from './json';
import { type Document, exampleOf, type Frame, framesOf, groupsOf, type Operation } from './openapi';
import { Method, OperationView } from './operation';
import { Prose } from './prose';
import type { Credential } from './try-it';

export interface DocsPageProps {
  doc: Document | undefined;
  failed: boolean;
  onRetry: () => void;
  loggedInAs: string | undefined;
  locale: string;
  onLocale: (locale: 'en' | 'zh-Hans') => void;
}

const GROUPS = ['server', 'auth', 'users', 'rooms', 'members', 'messages', 'socket'] as const;
type KnownGroup = (typeof GROUPS)[number];
const isKnown = (name: string): name is KnownGroup => GROUPS.some((group) => group === name);

function wanted(query: string, ...texts: (string | undefined)[]): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const all = texts.join(' ').toLowerCase();
  return words.every((word) => all.includes(word));
}

/** The API as a page: every call and every frame, searchable, each to be tried on the spot. */
export function DocsPage({ doc, failed, onRetry, loggedInAs, locale, onLocale }: DocsPageProps) {
  const t = useTranslations('docs');
  const [query, setQuery] = useState('');
  const [open, setOpen] = useState<ReadonlySet<string>>(
    () => new Set(location.hash ? [decodeURIComponent(location.hash.slice(1))] : []),
  );
  const [credential, setCredential] = useState<Credential>({ kind: 'cookie' });

  const groups = useMemo(() => {
    const all = doc ? groupsOf(doc) : [];
    const place = (name: string) => (isKnown(name) ? GROUPS.indexOf(name) : GROUPS.length);
    return all.sort((a, b) => place(a.name) - place(b.name));
  }, [doc]);
  const frames = useMemo(
    () => (doc ? { sent: framesOf(doc, 'ClientFrame'), told: framesOf(doc, 'ServerFrame') } : { sent: [], told: [] }),
    [doc],
  );

  const shown = groups
    .map((group) => ({
      ...group,
      operations: group.operations.filter((one) =>
        wanted(query, one.path, one.method, one.summary, one.description, group.name),
      ),
    }))
    .filter((group) => group.operations.length > 0);
  const sent = frames.sent.filter((frame) => wanted(query, frame.type, frame.description, 'frame'));
  const told = frames.told.filter((frame) => wanted(query, frame.type, frame.description, 'frame'));
  const nothing = doc && shown.length === 0 && sent.length === 0 && told.length === 0;

  // The browser went to the fragment before there was anything to go to.
  useEffect(() => {
    if (doc && location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  }, [doc]);

  const toggle = (id: string, next: boolean) => {
    setOpen((now) => {
      if (now.has(id) === next) return now;
      const changed = new Set(now);
      if (next) changed.add(id);
      else changed.delete(id);
      return changed;
    });
  };
  const titleOf = (name: string) => (isKnown(name) ? t(`groups.${name}`) : name);
  const other =
    locale === 'en' ? ({ code: 'zh-Hans', name: '中文' } as const) : ({ code: 'en', name: 'English' } as const);

  return (
    <div className="docs">
      <a className="docs-skip" href="#docs-main">
        {t('skip')}
      </a>
      <nav className="docs-nav" aria-label={t('contents')}>
        <a className="docs-brand" href="/">
          <BrandMark size={26} />
          <span>{doc?.info.title ?? 'Chinwag'}</span>
          <small>API {doc?.info.version}</small>
        </a>
        <Field
          label={t('search')}
          hideLabel
          type="search"
          placeholder={t('search')}
          icon={<Search aria-hidden="true" />}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <div className="docs-contents">
          {shown.map((group) => (
            <section key={group.name}>
              <h2>{titleOf(group.name)}</h2>
              <ul>
                {group.operations.map((operation) => (
                  <ContentsRow key={operation.id} operation={operation} onGo={() => toggle(operation.id, true)} />
                ))}
              </ul>
            </section>
          ))}
          {(sent.length > 0 || told.length > 0) && (
            <section>
              <h2>{t('groups.frames')}</h2>
              <ul>
                {sent.length > 0 && (
                  <li>
                    <a href="#frames-sent">
                      <ArrowUpRight aria-hidden="true" />
                      {t('framesSent')}
                    </a>
                  </li>
                )}
                {told.length > 0 && (
                  <li>
                    <a href="#frames-told">
                      <ArrowDownLeft aria-hidden="true" />
                      {t('framesTold')}
                    </a>
                  </li>
                )}
              </ul>
            </section>
          )}
        </div>
        <Button
          variant="plain"
          size="small"
          icon={<Languages aria-hidden="true" />}
          lang={other.code}
          onClick={() => onLocale(other.code)}
        >
          {other.name}
        </Button>
      </nav>
      <main id="docs-main" className="docs-main">
        <header className="docs-head">
          <h1>{t('title')}</h1>
          {doc?.info.description && <Prose text={doc.info.description} className="docs-lead" />}
          <p>
            <a className="docs-download" href="/api/openapi.json" download>
              <Download aria-hidden="true" />
              {t('download')}
            </a>
          </p>
          <CredentialBox credential={credential} onChange={setCredential} loggedInAs={loggedInAs} />
        </header>
        {failed && (
          <ErrorState title={t('failed')} onRetry={onRetry}>
            {t('failedText')}
          </ErrorState>
        )}
        {!doc && !failed && <SkeletonRows rows={6}>{t('loading')}</SkeletonRows>}
        {nothing && <p className="docs-nothing">{t('nothing', { query })}</p>}
        {doc &&
          shown.map((group) => (
            <section key={group.name} className="docs-group" aria-labelledby={`group-${group.name}`}>
              <h2 id={`group-${group.name}`}>{titleOf(group.name)}</h2>
              {group.description && <Prose text={group.description} />}
              <div className="docs-list">
                {group.operations.map((operation) => (
                  <OperationView
                    key={operation.id}
                    doc={doc}
                    operation={operation}
                    open={open.has(operation.id)}
                    onToggle={(next) => toggle(operation.id, next)}
                    credential={credential}
                  />
                ))}
              </div>
            </section>
          ))}
        {doc && sent.length > 0 && (
          <Frames doc={doc} id="frames-sent" title={t('framesSent')} lead={t('framesSentLead')} frames={sent} />
        )}
        {doc && told.length > 0 && (
          <Frames doc={doc} id="frames-told" title={t('framesTold')} lead={t('framesToldLead')} frames={told} />
        )}
      </main>
    </div>
  );
}

function ContentsRow({ operation, onGo }: { operation: Operation; onGo: () => void }) {
  return (
    <li>
      <a href={`#${operation.id}`} onClick={onGo}>
        <Method method={operation.method} />
        <span>{operation.path.replace(/^\/api/, '')}</span>
      </a>
    </li>
  );
}

function Frames({
  doc,
  id,
  title,
  lead,
  frames,
}: {
  doc: Document;
  id: string;
  title: string;
  lead: string;
  frames: readonly Frame[];
}) {
  const t = useTranslations('docs');
  return (
    <section className="docs-group" id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <p className="docs-prose">{lead}</p>
      <div className="docs-list">
        {frames.map((frame) => (
          <details key={frame.type} className="docs-operation">
            <summary>
              <span className="docs-method" data-method="frame">
                WS
              </span>
              <code>{frame.type}</code>
              <span>{frame.description?.split('`').join('')}</span>
            </summary>
            <div className="docs-operation-body">
              {frame.description && <Prose text={frame.description} />}
              <div className="docs-columns">
                <Fields doc={doc} schema={frame.schema} />
                <Code
                  label={t('example')}
                  text={JSON.stringify(withTypeFirst(exampleOf(doc, frame.schema)), null, 2)}
                  json
                />
              </div>
            </div>
          </details>
        ))}
      </div>
    </section>
  );
}

/** A reader looks for `type` first. */
function withTypeFirst(example: unknown): unknown {
  if (typeof example !== 'object' || example === null || !('type' in example)) return example;
  const { type, ...rest } = example;
  return { type, ...rest };
}
