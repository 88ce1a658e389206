import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { Banner, Button, Field, PasswordField } from '../../ui';
import { useForm } from './form';
import { AuthSheet, type DeskProps } from './sheet';

export interface LoginValues {
  username: string;
  password: string;
}

/** Name or e-mail address, password. */
export function LoginScreen({ onLogin, ...desk }: DeskProps & { onLogin: (values: LoginValues) => Promise<void> }) {
  const t = useTranslations('auth');
  const { field, formError, formProps, busy } = useForm({
    initial: { username: '', password: '' },
    check: (values) => ({
      username: values.username.trim() === '' ? { key: 'loginMissing' } : undefined,
      password: values.password === '' ? { key: 'passwordMissing' } : undefined,
    }),
    submit: (values) => onLogin({ ...values, username: values.username.trim() }),
  });
  const open = desk.server?.registration !== 'closed';
  return (
    <AuthSheet
      {...desk}
      title={t('login.title')}
      foot={
        <>
          <p>
            {open ? t('login.noAccount') : t('login.closed')}{' '}
            {open && <Link href="/register">{t('login.toRegister')}</Link>}
          </p>
          {desk.server?.guests && (
            <p>
              <Link href="/guest">{t('login.toGuest')}</Link>
            </p>
          )}
        </>
      }
    >
      {desk.server?.setup_needed && (
        <Banner tone="info" action={<Link href="/setup">{t('login.toSetup')}</Link>}>
          {t('login.setupNeeded')}
        </Banner>
      )}
      <form className="auth-form" {...formProps}>
        {formError && <Banner tone="error">{formError}</Banner>}
        <Field
          {...field('username')}
          label={t('login.username')}
          autoComplete="username"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          autoFocus
        />
        <PasswordField {...field('password')} label={t('password')} autoComplete="current-password" />
        <Button type="submit" variant="primary" size="large" wide busy={busy}>
          {t('login.submit')}
        </Button>
      </form>
    </AuthSheet>
  );
}
