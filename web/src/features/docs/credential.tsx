import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { PasswordField, SegmentedControl } from '../../ui';
import type { Credential } from './try-it';

/** Who is calling: the person logged in here, or the owner of a token. The token stays in this page's memory. */
export function CredentialBox({
  credential,
  onChange,
  loggedInAs,
}: {
  credential: Credential;
  onChange: (credential: Credential) => void;
  loggedInAs: string | undefined;
}) {
  const t = useTranslations('docs');
  return (
    <section className="docs-credential" aria-label={t('credential')}>
      <SegmentedControl
        label={t('credential')}
        value={credential.kind}
        options={[
          { value: 'cookie', label: t('cookie') },
          { value: 'bearer', label: t('token') },
        ]}
        onChange={(kind) => onChange(kind === 'cookie' ? { kind } : { kind, token: '' })}
      />
      {credential.kind === 'cookie' ? (
        <p>
          {loggedInAs
            ? t('loggedIn', { name: loggedInAs })
            : t.rich('notLoggedIn', { link: (chunks: ReactNode) => <a href="/login">{chunks}</a> })}
        </p>
      ) : (
        <PasswordField
          label={t('tokenField')}
          hideLabel
          placeholder={t('tokenField')}
          hint={t('tokenHint')}
          autoComplete="off"
          value={credential.token}
          onChange={(event) => onChange({ kind: 'bearer', token: event.target.value })}
        />
      )}
    </section>
  );
}
