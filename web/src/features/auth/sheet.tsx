import { Languages } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import './auth.css';
import type { ServerFacts } from '../../net/http';
import { Avatar, Banner, BrandMark, Button, PresenceDot } from '../../ui';

export interface DeskProps {
  server: ServerFacts | undefined;
  /** The facts could not be fetched. */
  unreachable?: boolean;
  onRetry?: () => void;
  locale: string;
  onLocale: (locale: 'en' | 'zh-Hans') => void;
}

interface SheetProps extends DeskProps {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
  /** Below the sheet's rule: the way to the other screens. */
  foot?: ReactNode;
}

/** A page of the next sheet shows from under this one: three people, two languages, one conversation. Decoration. */
function Vignette() {
  const t = useTranslations('auth.vignette');
  const rows = [
    { id: 12, name: 'Maya Lindqvist', time: '14:02', text: t('first') },
    { id: 6, name: '李明', time: '14:03', text: t('second') },
    { id: 9, name: 'Tomás Rivera', time: '14:03', text: t('third') },
  ];
  return (
    <div className="auth-vignette" aria-hidden="true">
      <div className="auth-vignette-head">
        <i />
        {t('room')}
      </div>
      {rows.map((row) => (
        <div className="auth-vignette-row" key={row.id}>
          <Avatar id={row.id} name={row.name} />
          <p>
            <b>{row.name}</b> <time>{row.time}</time>
            <br />
            {row.text}
          </p>
        </div>
      ))}
      <div className="auth-vignette-box">
        {t('writing')}
        <span />
      </div>
    </div>
  );
}

/** The desk with one sheet in the middle: mark, name of the server, who is here, the form. */
export function AuthSheet({ server, unreachable, onRetry, locale, onLocale, title, lead, children, foot }: SheetProps) {
  const t = useTranslations('auth');
  const ui = useTranslations('ui');
  const other =
    locale === 'en' ? ({ code: 'zh-Hans', name: '中文' } as const) : ({ code: 'en', name: 'English' } as const);
  return (
    <div className="auth-desk">
      <main className="auth-main">
        <Vignette />
        <section className="auth-sheet" aria-labelledby="auth-title">
          <header className="auth-head">
            <BrandMark size={44} />
            <div>
              <p className="auth-server">{server?.name ?? 'Chinwag'}</p>
              <p className="auth-live">
                {server && server.people > 0 ? (
                  <>
                    <PresenceDot presence={server.online > 0 ? 'online' : 'offline'} />
                    {t('live', { people: server.people, online: server.online })}
                  </>
                ) : (
                  t('liveEmpty')
                )}
              </p>
            </div>
          </header>
          <h1 id="auth-title">{title}</h1>
          {lead && <div className="auth-lead">{lead}</div>}
          {unreachable && (
            <Banner
              tone="error"
              action={
                onRetry && (
                  <Button size="small" onClick={onRetry}>
                    {ui('retry')}
                  </Button>
                )
              }
            >
              {t('problem.unreachable')}
            </Banner>
          )}
          {children}
          {foot && <footer className="auth-foot">{foot}</footer>}
        </section>
      </main>
      <Button
        variant="plain"
        size="small"
        className="auth-language"
        icon={<Languages aria-hidden="true" />}
        lang={other.code}
        onClick={() => onLocale(other.code)}
      >
        {other.name}
      </Button>
    </div>
  );
}
