import { Terminal } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { ApiError } from '../../net/http';
import { Banner, Button, Field, PasswordField } from '../../ui';
import { useForm } from './form';
import { PasswordMeter } from './meter';
import type { Problems } from './problems';
import { problem, type RegisterValues } from './register';
import { emailProblem, nameProblem, passwordProblem, serverNameProblem } from './rules';
import { AuthSheet, type DeskProps } from './sheet';

export interface SetupValues extends RegisterValues {
  token: string;
  server_name: string;
}

/** First run: names the server and makes its administrator. The token is the fragment of the printed link. */
export function SetupScreen({
  token,
  onSetup,
  ...desk
}: DeskProps & { token: string | undefined; onSetup: (values: SetupValues) => Promise<void> }) {
  if (!token || desk.server?.setup_needed === false)
    return <WelcomeScreen {...desk} done={desk.server?.setup_needed === false} />;
  return <SetupForm {...desk} token={token} onSetup={onSetup} />;
}

function SetupForm({
  token,
  onSetup,
  ...desk
}: DeskProps & { token: string; onSetup: (values: SetupValues) => Promise<void> }) {
  const t = useTranslations('auth');
  const least = desk.server?.password_min ?? 8;
  const { field, formError, formProps, busy, values } = useForm({
    initial: { server_name: '', username: '', email: '', password: '' },
    check: (now) => ({
      server_name: problem(serverNameProblem(now.server_name)),
      username: problem(nameProblem(now.username)),
      email: problem(emailProblem(now.email)),
      password: problem(passwordProblem(now.password, least), least),
    }),
    submit: (now) =>
      onSetup({
        token,
        server_name: now.server_name.trim(),
        username: now.username.trim(),
        email: now.email.trim(),
        password: now.password,
      }),
    explain: linkProblem,
  });
  return (
    <AuthSheet {...desk} title={t('setup.title')} lead={t('setup.lead')}>
      <form className="auth-form" {...formProps}>
        {formError && <Banner tone="error">{formError}</Banner>}
        <Field
          {...field('server_name')}
          label={t('setup.serverName')}
          hint={t('setup.serverNameHint')}
          placeholder={desk.server?.name ?? 'Chinwag'}
          autoFocus
        />
        <hr />
        <Field
          {...field('username')}
          label={t('setup.username')}
          hint={t('usernameHint')}
          autoComplete="username"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
        />
        <Field
          {...field('email')}
          label={t('email')}
          type="email"
          inputMode="email"
          autoComplete="email"
          spellCheck={false}
        />
        <div>
          <PasswordField
            {...field('password')}
            label={t('password')}
            hint={t('passwordHint', { count: least })}
            autoComplete="new-password"
          />
          {desk.server?.password_policy !== 'basic' && (
            <PasswordMeter
              password={values.password}
              least={least}
              own={[values.username, values.email, values.server_name]}
            />
          )}
        </div>
        <Button type="submit" variant="primary" size="large" wide busy={busy}>
          {t('setup.submit')}
        </Button>
      </form>
    </AuthSheet>
  );
}

/** A link that was used or has run out looks like one that never was. */
function linkProblem(cause: unknown): Problems | undefined {
  if (!(cause instanceof ApiError)) return undefined;
  const refused = [401, 403, 404, 410].includes(cause.status) && cause.code !== 'bad_origin';
  return refused || 'token' in cause.fields ? { fields: {}, form: { key: 'linkUsed' } } : undefined;
}

/** Opened without the link: where it is, and that nobody needs to wait for it. */
export function WelcomeScreen({ done, ...desk }: DeskProps & { done: boolean }) {
  const t = useTranslations('auth');
  if (done) {
    return (
      <AuthSheet {...desk} title={t('setup.doneTitle')} lead={t('setup.doneText')}>
        <div className="auth-form">
          <Link className="ui-button is-wide" data-variant="primary" data-size="large" href="/login">
            {t('login.submit')}
          </Link>
        </div>
      </AuthSheet>
    );
  }
  return (
    <AuthSheet
      {...desk}
      title={t('welcome.title')}
      lead={t('welcome.lead')}
      foot={
        <p>
          {t('register.haveAccount')} <Link href="/login">{t('register.toLogin')}</Link>
        </p>
      }
    >
      <div className="auth-form">
        {desk.server?.registration !== 'closed' && (
          <Link className="ui-button is-wide" data-variant="primary" data-size="large" href="/register">
            {t('welcome.register')}
          </Link>
        )}
        <div className="auth-note">
          <Terminal aria-hidden="true" />
          <div>
            <h2>{t('welcome.adminTitle')}</h2>
            <p>{t.rich('welcome.adminText', { code: (chunks: ReactNode) => <code>{chunks}</code> })}</p>
          </div>
        </div>
      </div>
    </AuthSheet>
  );
}
