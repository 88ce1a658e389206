import { useTranslations } from 'use-intl';
import { changeRate, useRate } from './playing';

/** How fast all sounds are played. */
export function RateButton() {
  const t = useTranslations('media');
  const rate = useRate((state) => state.rate);
  return (
    <button
      type="button"
      className="snd-rate"
      aria-label={t('rate', { rate })}
      data-tip={t('rateTip')}
      data-fast={rate !== 1 || undefined}
      onClick={changeRate}
    >
      {t('times', { rate })}
    </button>
  );
}
