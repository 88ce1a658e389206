import { useTranslations } from 'use-intl';
import { type Clock, fullTime } from '../../lib/time';
import type { Locale, Look } from '../../state';
import { RadioGroup, SegmentedControl } from '../../ui';
import { Part } from './parts';

/** Each language by its own name. */
const LANGUAGES: readonly { value: Locale; label: string }[] = [
  { value: 'en', label: 'English' },
  { value: 'zh-Hans', label: '简体中文' },
];

const CLOCKS: readonly Clock[] = ['auto', '12', '24'];

/** The language of the page; times follow it and the device's time zone. */
export function LanguagePage({ look, onLook }: { look: Look; onLook: (change: Partial<Look>) => void }) {
  const { locale, clock } = look;
  const t = useTranslations('settings.language');
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const now = fullTime(new Date().toISOString(), locale, clock);
  return (
    <>
      <Part title={t('title')} lead={t('lead')}>
        <RadioGroup
          label={t('title')}
          hideLabel
          value={locale}
          options={LANGUAGES}
          onChange={(locale) => onLook({ locale })}
        />
      </Part>
      <Part title={t('time')} lead={t('timeLead')}>
        <SegmentedControl
          label={t('clock')}
          value={clock}
          options={CLOCKS.map((value) => ({ value, label: t(`clocks.${value}`) }))}
          onChange={(clock) => onLook({ clock })}
        />
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
