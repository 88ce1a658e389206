import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { Banner, Button, EmptyState, Field, PasswordField } from '../../ui';
import { useForm } from './form';
import { PasswordMeter } from './meter';
import { emailProblem, nameProblem, type ProblemKey, passwordProblem } from './rules';
import { AuthSheet, type DeskProps } from './sheet';

export interface RegisterValues {
  username: string;
  email: string;
  password: string;
}

/** The sentence for a key, where there is one. */
export function problem(key: ProblemKey | undefined, least = 0) {
  return key ? { key, seconds: least } : undefined;
}

/** A new ordinary account. */
export function RegisterScreen({
  onRegister,
  ...desk
}: DeskProps & { onRegister: (values: RegisterValues) => Promise<void> }) {
  const t = useTranslations('auth');
  const least = desk.server?.password_min ?? 8;
  const { field, formError, formProps, busy, values } = useForm({
    initial: { username: '', email: '', password: '' },
    check: (now) => ({
      username: problem(nameProblem(now.username)),
      email: problem(emailProblem(now.email)),
      password: problem(passwordProblem(now.password, least), least),
    }),
    submit: (now) => onRegister({ username: now.username.trim(), email: now.email.trim(), password: now.password }),
  });
  const foot = (
    <p>
      {t('register.haveAccount')} <Link href="/login">{t('register.toLogin')}</Link>
    </p>
  );
  if (desk.server?.registration === 'closed') {
    return (
      <AuthSheet {...desk} title={t('register.closedTitle')} foot={foot}>
        <EmptyState title={t('register.closedTitle')}>{t('register.closedText')}</EmptyState>
      </AuthSheet>
    );
  }
  const strong = desk.server?.password_policy !== 'basic';
  return (
    <AuthSheet {...desk} title={t('register.title')} foot={foot}>
      <form className="auth-form" {...formProps}>
        {formError && <Banner tone="error">{formError}</Banner>}
        <Field
          {...field('username')}
          label={t('username')}
          hint={t('usernameHint')}
          autoComplete="username"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          autoFocus
        />
        <Field
          {...field('email')}
          label={t('email')}
          hint={t('emailHint')}
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
          {strong && <PasswordMeter password={values.password} least={least} own={[values.username, values.email]} />}
        </div>
        <Button type="submit" variant="primary" size="large" wide busy={busy}>
          {t('register.submit')}
        </Button>
      </form>
    </AuthSheet>
  );
}
