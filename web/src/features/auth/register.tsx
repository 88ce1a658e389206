import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { Banner, Button, EmptyState } from '../../ui';
import { AccountFields, type AccountValues, accountProblems, leastOf, trimmed } from './account-fields';
import { useForm } from './form';
import { AuthSheet, type DeskProps } from './sheet';

/** A new ordinary account. */
export function RegisterScreen({
  onRegister,
  ...desk
}: DeskProps & { onRegister: (values: AccountValues) => Promise<void> }) {
  const t = useTranslations('auth');
  const { field, formError, formProps, busy, values } = useForm({
    initial: { username: '', email: '', password: '' },
    check: (now) => accountProblems(now, leastOf(desk.server)),
    submit: (now) => onRegister(trimmed(now)),
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
  return (
    <AuthSheet {...desk} title={t('register.title')} foot={foot}>
      <form className="auth-form" {...formProps}>
        {formError && <Banner tone="error">{formError}</Banner>}
        <AccountFields
          field={field}
          values={values}
          server={desk.server}
          nameLabel={t('username')}
          emailHint={t('emailHint')}
          autoFocus
        />
        <Button type="submit" variant="primary" size="large" wide busy={busy}>
          {t('register.submit')}
        </Button>
      </form>
    </AuthSheet>
  );
}
