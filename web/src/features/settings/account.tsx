import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '../../gen/wire';
import { Button, ConfirmDialog, Field, toast, useRefusals } from '../../ui';
import { Part } from './parts';
import { type SessionCalls, Sessions } from './sessions';

interface AccountPageProps {
  me: User;
  sessions: SessionCalls;
  /** The form that changes the password; app/ puts it here. */
  passwordForm: ReactNode;
  onLogout: () => void;
  onDeactivate: () => Promise<void>;
}

/** Password, sessions, leaving. */
export function AccountPage({ me, sessions, passwordForm, onLogout, onDeactivate }: AccountPageProps) {
  const t = useTranslations('settings.account');
  const refusals = useRefusals();
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const [mismatch, setMismatch] = useState(false);

  const deactivate = async () => {
    if (typed.trim() !== me.username) {
      setMismatch(true);
      throw new Error('the name does not match');
    }
    try {
      await onDeactivate();
    } catch (cause) {
      toast({ tone: 'error', text: refusals.say(cause, t('deactivateFailed')) });
      throw cause;
    }
  };

  return (
    <>
      <Part title={t('title')}>
        <dl className="set-facts">
          <div>
            <dt>{t('username')}</dt>
            <dd>@{me.username}</dd>
          </div>
          {me.email && (
            <div>
              <dt>{t('email')}</dt>
              <dd>{me.email}</dd>
            </div>
          )}
        </dl>
        <div>
          <Button onClick={onLogout}>{t('logout')}</Button>
        </div>
      </Part>
      <Part title={t('password')} lead={t('passwordLead')}>
        {passwordForm}
      </Part>
      <Sessions calls={sessions} />
      <Part title={t('deactivateTitle')} lead={t('deactivateLead')}>
        <div>
          <Button variant="caution" onClick={() => setAsking(true)}>
            {t('deactivate')}
          </Button>
        </div>
      </Part>
      <ConfirmDialog
        open={asking}
        onClose={() => {
          setAsking(false);
          setTyped('');
          setMismatch(false);
        }}
        title={t('deactivateAsk')}
        confirmLabel={t('deactivate')}
        danger
        onConfirm={deactivate}
      >
        <div className="set-fields">
          <p>{t('deactivateText')}</p>
          <Field
            label={t('typeName', { username: me.username })}
            error={mismatch ? t('nameMismatch', { username: me.username }) : undefined}
            value={typed}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => {
              setTyped(event.target.value);
              setMismatch(false);
            }}
          />
        </div>
      </ConfirmDialog>
    </>
  );
}
