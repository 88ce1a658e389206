import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import type { DrawnAvatar } from '../../lib/avatars';
import { Banner, Button, EmptyState } from '../../ui';
import { DrawnSet } from '../../ui/drawn-set';
import { AccountFields, type AccountValues, accountProblems, leastOf, trimmed } from './account-fields';
import { useForm } from './form';
import { AuthSheet, type DeskProps } from './sheet';

export interface RegisterValues extends AccountValues {
  avatar?: DrawnAvatar;
}

/** A new ordinary account. */
export function RegisterScreen({
  onRegister,
  ...desk
}: DeskProps & { onRegister: (values: RegisterValues) => Promise<void> }) {
  const t = useTranslations('auth');
  const pictures = useTranslations('avatars');
  const [avatar, setAvatar] = useState<DrawnAvatar>();
  const { field, formError, formProps, busy, values } = useForm({
    initial: { username: '', email: '', password: '' },
    check: (now) => accountProblems(now, leastOf(desk.server)),
    submit: (now) => onRegister({ ...trimmed(now), ...(avatar ? { avatar } : {}) }),
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
        <div className="auth-picture">
          <DrawnSet label={pictures('pick')} value={avatar} onChange={setAvatar} />
          <p>{pictures('pickHint')}</p>
          {avatar && (
            <Button variant="plain" size="small" onClick={() => setAvatar(undefined)}>
              {pictures('none')}
            </Button>
          )}
        </div>
        <Button type="submit" variant="primary" size="large" wide busy={busy}>
          {t('register.submit')}
        </Button>
      </form>
    </AuthSheet>
  );
}
