import { useState } from 'react';
import { useTranslations } from 'use-intl';
import './auth.css';
import { ApiError } from '../../net/http';
import { Banner, Button, PasswordField } from '../../ui';
import { problem } from './account-fields';
import { useForm } from './form';
import { PasswordMeter } from './meter';
import type { Problems } from './problems';
import { passwordProblem } from './rules';

interface PasswordFormProps {
  /** The account's own words, which make a poor password. */
  own: readonly string[];
  least: number;
  strong: boolean;
  onChange: (values: { current_password: string; new_password: string }) => Promise<void>;
}

/** Changes the password; all other sessions end. */
export function PasswordForm({ onChange, ...props }: PasswordFormProps) {
  const t = useTranslations('auth');
  // A new key empties the form after a success.
  const [round, setRound] = useState(0);
  const [done, setDone] = useState(false);
  return (
    <>
      {done && <Banner tone="ok">{t('change.done')}</Banner>}
      <Fields
        key={round}
        {...props}
        onChange={async (values) => {
          await onChange(values);
          setDone(true);
          setRound((now) => now + 1);
        }}
      />
    </>
  );
}

function Fields({ own, least, strong, onChange }: PasswordFormProps) {
  const t = useTranslations('auth');
  const { field, formError, formProps, busy, values } = useForm({
    initial: { current_password: '', new_password: '' },
    check: (now) => ({
      current_password: problem(now.current_password === '' ? 'passwordMissing' : undefined),
      new_password: problem(passwordProblem(now.new_password, least), least),
    }),
    submit: onChange,
    explain: (cause): Problems | undefined =>
      cause instanceof ApiError && (cause.code === 'bad_credentials' || 'current_password' in cause.fields)
        ? { fields: { current_password: { key: 'passwordWrong' } } }
        : undefined,
  });
  return (
    <form className="auth-form" {...formProps}>
      {formError && <Banner tone="error">{formError}</Banner>}
      <PasswordField {...field('current_password')} label={t('change.current')} autoComplete="current-password" />
      <div>
        <PasswordField
          {...field('new_password')}
          label={t('change.new')}
          hint={t('passwordHint', { count: least })}
          autoComplete="new-password"
        />
        {strong && <PasswordMeter password={values.new_password} least={least} own={own} />}
      </div>
      <div>
        <Button type="submit" variant="primary" busy={busy}>
          {t('change.submit')}
        </Button>
      </div>
    </form>
  );
}
