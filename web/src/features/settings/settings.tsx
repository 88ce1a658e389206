import { ArrowLeft, ChevronRight, Info, Keyboard, Languages, Palette, ShieldCheck, UserRound, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Link, useLocation } from 'wouter';
import './settings.css';
import type { User } from '../../gen/wire';
import type { Look } from '../../state';
import { Avatar, IconButton } from '../../ui';
import { AboutPage } from './about';
import { AccountPage } from './account';
import { AppearancePage } from './appearance';
import { KeyboardPage, type KeyGroup } from './keyboard';
import { LanguagePage } from './language';
import { type ProfileChange, ProfilePage } from './profile';
import type { SessionCalls } from './sessions';

const PAGES = [
  { id: 'profile', Icon: UserRound },
  { id: 'account', Icon: ShieldCheck },
  { id: 'appearance', Icon: Palette },
  { id: 'language', Icon: Languages },
  { id: 'keyboard', Icon: Keyboard },
  { id: 'about', Icon: Info },
] as const;

type PageId = (typeof PAGES)[number]['id'];

export interface SettingsProps {
  /** The last part of `/settings/…`; empty is the list on a phone and the first page elsewhere. */
  page: string;
  me: User;
  look: Look;
  onLook: (change: Partial<Look>) => void;
  onSaveProfile: (change: ProfileChange) => Promise<void>;
  sessions: SessionCalls;
  passwordForm: ReactNode;
  avatarDeeds: ReactNode;
  keys: readonly KeyGroup[];
  serverName: string;
  people?: number;
  onLogout: () => void;
  onDeactivate: () => Promise<void>;
  /** Back to the rooms. */
  onClose: () => void;
}

/** All settings: the list of pages on the desk, the chosen one on the sheet. On a phone one after the other. */
export function Settings(props: SettingsProps) {
  const t = useTranslations('settings');
  const ui = useTranslations('ui');
  const [, navigate] = useLocation();
  const chosen = PAGES.find((page) => page.id === props.page)?.id;
  const shown: PageId = chosen ?? 'profile';

  const name = props.me.display_name || props.me.username;
  return (
    <main className="set" data-pane={chosen ? 'page' : 'list'}>
      <h1 className="ui-hidden">{t('title')}</h1>
      <nav className="set-nav" aria-label={t('title')}>
        <div className="set-nav-head">
          <IconButton label={t('back')} onClick={props.onClose}>
            <ArrowLeft aria-hidden="true" />
          </IconButton>
          <p className="set-nav-title">{t('title')}</p>
        </div>
        <Link className="set-me" href="/settings/profile">
          <Avatar id={props.me.id} name={name} size={48} src={props.me.avatar_url} />
          <span className="set-me-names">
            <b>{name}</b>
            <small>@{props.me.username}</small>
          </span>
        </Link>
        <ul>
          {PAGES.map(({ id, Icon }) => (
            <li key={id}>
              <Link href={`/settings/${id}`} aria-current={id === shown ? 'page' : undefined}>
                <Icon aria-hidden="true" />
                <span>{t(`pages.${id}`)}</span>
                <ChevronRight aria-hidden="true" className="set-nav-more" />
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="set-sheet">
        <header className="set-head">
          <IconButton className="set-up" label={t('title')} onClick={() => navigate('/settings')}>
            <ArrowLeft aria-hidden="true" />
          </IconButton>
          <h2 id="set-title">{t(`pages.${shown}`)}</h2>
          <IconButton className="set-close" label={ui('close')} onClick={props.onClose}>
            <X aria-hidden="true" />
          </IconButton>
        </header>
        {/* A new page starts at its top: the key makes a new element. */}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
        <section className="set-body" key={shown} tabIndex={0} aria-labelledby="set-title">
          <div className="set-column">
            <Page {...props} page={shown} />
          </div>
        </section>
      </div>
    </main>
  );
}

function Page(props: SettingsProps & { page: PageId }) {
  switch (props.page) {
    case 'profile':
      return <ProfilePage me={props.me} onSave={props.onSaveProfile} avatarDeeds={props.avatarDeeds} />;
    case 'account':
      return (
        <AccountPage
          me={props.me}
          sessions={props.sessions}
          passwordForm={props.passwordForm}
          onLogout={props.onLogout}
          onDeactivate={props.onDeactivate}
        />
      );
    case 'appearance':
      return <AppearancePage look={props.look} onLook={props.onLook} />;
    case 'language':
      return <LanguagePage look={props.look} onLook={props.onLook} />;
    case 'keyboard':
      return <KeyboardPage groups={props.keys} />;
    case 'about':
      return <AboutPage serverName={props.serverName} people={props.people} />;
  }
}
