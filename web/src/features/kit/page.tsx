import { useTranslations } from 'use-intl';
import './kit.css';
import type { Locale, Look, Theme } from '../../state';
import { SegmentedControl } from '../../ui';
import { Buttons, Choices, Fields } from './controls';
import { Overlays } from './overlays';
import { Faces, States } from './showing';

/** Every component in every state: the page to look at after a change of the kit. Not linked from anywhere. */
export function KitPage({ look, onLook }: { look: Look; onLook: (change: Partial<Look>) => void }) {
  const t = useTranslations('kit');
  const themes: readonly { value: Theme; label: string }[] = [
    { value: 'light', label: t('themes.light') },
    { value: 'dark', label: t('themes.dark') },
    { value: 'system', label: t('themes.system') },
  ];
  const locales: readonly { value: Locale; label: string }[] = [
    { value: 'en', label: 'English' },
    { value: 'zh-Hans', label: '中文' },
  ];
  return (
    <div className="kit">
      <main className="kit-main">
        <header className="kit-head">
          <h1>{t('title')}</h1>
          <SegmentedControl
            label={t('theme')}
            hideLabel
            value={look.theme}
            options={themes}
            onChange={(theme) => onLook({ theme })}
          />
          <SegmentedControl
            label={t('language')}
            hideLabel
            value={look.locale}
            options={locales}
            onChange={(locale) => onLook({ locale })}
          />
        </header>
        <section className="kit-part">
          <h2>{t('parts.faces')}</h2>
          <Faces />
        </section>
        <section className="kit-part">
          <h2>{t('parts.buttons')}</h2>
          <Buttons />
        </section>
        <section className="kit-part">
          <h2>{t('parts.fields')}</h2>
          <Fields />
          <Choices />
        </section>
        <section className="kit-part">
          <h2>{t('parts.overlays')}</h2>
          <Overlays />
        </section>
        <section className="kit-part">
          <h2>{t('parts.states')}</h2>
          <States />
        </section>
      </main>
    </div>
  );
}
