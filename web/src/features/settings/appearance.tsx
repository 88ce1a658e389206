import { Check, Monitor, Moon, Sun } from 'lucide-react';
import { useId } from 'react';
import { useTranslations } from 'use-intl';
import './appearance.css';
import type { Look, Theme } from '../../state';
import { Avatar, SegmentedControl, Slider } from '../../ui';
import { Part } from './parts';

const THEMES: readonly { value: Theme; Icon: typeof Sun }[] = [
  { value: 'light', Icon: Sun },
  { value: 'dark', Icon: Moon },
  { value: 'system', Icon: Monitor },
];

const SMALLEST = 87;
const LARGEST = 150;
/** From 87 in steps of 1 the usual 100 can be hit; the slider snaps to it when near. */
const SNAP = 2;

/** A room in miniature, drawn in the theme of its surroundings. */
function Miniature({ theme }: { theme: 'light' | 'dark' }) {
  return (
    <span className="set-mini" data-theme={theme}>
      <span className="set-mini-side">
        <i />
        <i />
        <i />
      </span>
      <span className="set-mini-sheet">
        <i />
        <i />
        <i />
        <b />
      </span>
    </span>
  );
}

/** Theme, size of text, density; all at once, for this device. */
export function AppearancePage({ look, onLook }: { look: Look; onLook: (change: Partial<Look>) => void }) {
  const t = useTranslations('settings.appearance');
  const name = useId();
  return (
    <>
      <Part title={t('theme')} lead={t('themeLead')}>
        <fieldset className="set-themes">
          <legend className="ui-hidden">{t('theme')}</legend>
          {THEMES.map(({ value, Icon }) => (
            <label key={value}>
              <input
                type="radio"
                name={name}
                checked={look.theme === value}
                onChange={() => onLook({ theme: value })}
              />
              <span className="set-theme-pictures">
                {value !== 'dark' && <Miniature theme="light" />}
                {value !== 'light' && <Miniature theme="dark" />}
              </span>
              <span className="set-theme-name">
                <Icon aria-hidden="true" />
                {t(`themes.${value}`)}
                <Check aria-hidden="true" className="set-theme-check" />
              </span>
            </label>
          ))}
        </fieldset>
      </Part>
      <Part title={t('text')} lead={t('textLead')}>
        <Slider
          label={t('scale')}
          value={look.scale}
          min={SMALLEST}
          max={LARGEST}
          step={1}
          text={t('percent', { value: look.scale })}
          onChange={(scale) => onLook({ scale: Math.abs(scale - 100) <= SNAP ? 100 : scale })}
        />
        <SegmentedControl
          label={t('density')}
          value={look.density}
          options={[
            { value: 'cosy', label: t('cosy') },
            { value: 'compact', label: t('compact') },
          ]}
          onChange={(density) => onLook({ density })}
        />
        <div className="set-sample" data-density={look.density}>
          <div>
            <Avatar id={12} name="Maya Lindqvist" size={look.density === 'cosy' ? 38 : 20} />
            <p>
              <b>Maya Lindqvist</b> <time>14:02</time>
              <br />
              {t('sampleFirst')}
            </p>
          </div>
          <div>
            <Avatar id={6} name="李明" size={look.density === 'cosy' ? 38 : 20} />
            <p>
              <b>李明</b> <time>14:03</time>
              <br />
              {t('sampleSecond')}
            </p>
          </div>
        </div>
      </Part>
    </>
  );
}
