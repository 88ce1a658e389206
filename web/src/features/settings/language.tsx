import { useTranslations } from 'use-intl';
import { fullTime } from '../../lib/time';
import type { Locale } from '../../state';
import { RadioGroup } from '../../ui';
import { Part } from './parts';

/** Each language by its own name. */
const LANGUAGES: readonly { value: Locale; label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'zh-Hans', label: '简体中文' },
];

/** The language of the page; times follow it and the device's time zone. */
export function LanguagePage({ locale, onLocale }: { locale: Locale; onLocale: (locale: Locale) => void }) {
  const t = useTranslations('settings.language');
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const now = fullTime(new Date().toISOString(), locale);
  return (
    <>
      <Part title={t('title')} lead={t('lead')}>
        <RadioGroup label={t('title')} hideLabel value={locale} options={LANGUAGES} onChange={onLocale} />
      </Part>
      <Part title={t('time')} lead={t('timeLead')}>
        <dl className="set-facts">
          <div>
            <dt>{t('zone')}</dt>
            <dd>{zone}</dd>
          </div>
          <div>
            <dt>{t('sample')}</dt>
            <dd>{now}</dd>
          </div>
        </dl>
      </Part>
    </>
  );
}
