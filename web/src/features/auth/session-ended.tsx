import { useTranslations } from 'use-intl';
import './auth.css';
import { Avatar, Banner, Button, Dialog, PasswordField } from '../../ui';
import { useForm } from './form';

export interface SessionEndedProps {
  open: boolean;
  user: { id: number; name: string; username: string; picture?: string | undefined };
  /** Why, in a sentence; without one the usual reason is given. */
  reason?: string;
  onLogin: (values: { username: string; password: string }) => Promise<void>;
  /** Leaves this account: what was not sent is given up. */
  onLogout: () => void;
}

/** The session ran out or was ended elsewhere: log in again on the spot, nothing that was written is lost. */
export function SessionEndedDialog({ open, user, reason, onLogin, onLogout }: SessionEndedProps) {
  const t = useTranslations('auth');
  const { field, formError, formProps, busy } = useForm({
    initial: { password: '' },
    check: (values) => ({ password: values.password === '' ? { key: 'passwordMissing' } : undefined }),
    submit: (values) => onLogin({ username: user.username, password: values.password }),
  });
  return (
    <Dialog open={open} onClose={() => undefined} must size="small" title={t('ended.title')}>
      <form className="auth-form" {...formProps}>
        <p className="auth-lead">{reason ?? t('ended.text')}</p>
        <div className="auth-who">
          <Avatar id={user.id} name={user.name} src={user.picture} />
          <div>
            <b>{user.name}</b>
            <span>@{user.username}</span>
          </div>
        </div>
        {formError && <Banner tone="error">{formError}</Banner>}
        <input type="hidden" name="username" autoComplete="username" value={user.username} readOnly />
        <PasswordField {...field('password')} label={t('password')} autoComplete="current-password" autoFocus />
        <Button type="submit" variant="primary" size="large" wide busy={busy}>
          {t('login.submit')}
        </Button>
        <Button variant="plain" wide onClick={onLogout}>
          {t('ended.other')}
        </Button>
      </form>
    </Dialog>
  );
}
