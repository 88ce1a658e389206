import { Terminal } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { ApiError } from '../../net/http';
import { Banner, Button, Field } from '../../ui';
import { AccountFields, type AccountValues, accountProblems, leastOf, problem, trimmed } from './account-fields';
import { useForm } from './form';
import type { Problems } from './problems';
import { serverNameProblem } from './rules';
import { AuthSheet, type DeskProps } from './sheet';

export interface SetupValues extends AccountValues {
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
  const { field, formError, formProps, busy, values } = useForm({
    initial: { server_name: '', username: '', email: '', password: '' },
    check: (now) => ({
      server_name: problem(serverNameProblem(now.server_name)),
      ...accountProblems(now, leastOf(desk.server)),
    }),
    submit: (now) => onSetup({ token, server_name: now.server_name.trim(), ...trimmed(now) }),
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
        <AccountFields
          field={field}
          values={values}
          server={desk.server}
          nameLabel={t('setup.username')}
          own={[values.server_name]}
        />
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
