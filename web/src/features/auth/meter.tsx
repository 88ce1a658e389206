import { useTranslations } from 'use-intl';
import { strengthOf } from './strength';

/** How well a new password holds, while it is typed: four strokes and a word. */
export function PasswordMeter({ password, least, own }: { password: string; least: number; own: readonly string[] }) {
  const t = useTranslations('auth.strength');
  if (password === '') return null;
  const short = [...password].length < least;
  const strength = strengthOf(password, least, own);
  const word = short ? t('short', { count: least - [...password].length }) : t(`level${strength}`);
  return (
    <div className="auth-meter" data-strength={strength}>
      <span className="auth-meter-bars" aria-hidden="true">
        <i />
        <i />
        <i />
        <i />
      </span>
      <span role="status">{word}</span>
    </div>
  );
}
