/** What every new account begins with: a name, an address, a password. Part of a form. */
import { useTranslations } from 'use-intl';
import type { ServerFacts } from '../../net/http';
import { Field, PasswordField } from '../../ui';
import { PasswordMeter } from './meter';
import { emailProblem, nameProblem, type ProblemKey, passwordProblem } from './rules';

export interface AccountValues {
  username: string;
  email: string;
  password: string;
}

/** The sentence for a key, where there is one. */
export function problem(key: ProblemKey | undefined, least = 0) {
  return key ? { key, seconds: least } : undefined;
}

export const leastOf = (server: ServerFacts | undefined) => server?.password_min ?? 8;

export function accountProblems(now: AccountValues, least: number) {
  return {
    username: problem(nameProblem(now.username)),
    email: problem(emailProblem(now.email)),
    password: problem(passwordProblem(now.password, least), least),
  };
}

export function trimmed(now: AccountValues): AccountValues {
  return { username: now.username.trim(), email: now.email.trim(), password: now.password };
}

export interface AccountFieldsProps {
  /** What the form gives each of them. */
  field(name: keyof AccountValues): {
    name: string;
    value: string;
    error: string | undefined;
    onChange(event: { target: { value: string } }): void;
  };
  values: AccountValues;
  server: ServerFacts | undefined;
  nameLabel: string;
  emailHint?: string;
  autoFocus?: boolean;
  /** What else on the form makes a poor password. */
  own?: readonly string[];
}

export function AccountFields(props: AccountFieldsProps) {
  const { field, values, server, nameLabel, emailHint, autoFocus, own = [] } = props;
  const t = useTranslations('auth');
  const least = leastOf(server);
  return (
    <>
      <Field
        {...field('username')}
        label={nameLabel}
        hint={t('usernameHint')}
        autoComplete="username"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        autoFocus={autoFocus}
      />
      <Field
        {...field('email')}
        label={t('email')}
        hint={emailHint}
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
        {server?.password_policy !== 'basic' && (
          <PasswordMeter password={values.password} least={least} own={[values.username, values.email, ...own]} />
        )}
      </div>
    </>
  );
}
