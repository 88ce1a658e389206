/** The drawn pictures, of which one may take one. It comes with what offers them; their names are words of the feature `avatars`. */
import { Check } from 'lucide-react';
import { useId } from 'react';
import { useTranslations } from 'use-intl';
import { DRAWN, type DrawnAvatar, drawnUrl } from '../lib/avatars';
import './drawn-set.css';

export interface DrawnSetProps {
  label: string;
  hideLabel?: boolean;
  value: DrawnAvatar | undefined;
  onChange: (value: DrawnAvatar) => void;
}

/** Radio buttons underneath, so arrow keys and readers know it. */
export function DrawnSet({ label, hideLabel, value, onChange }: DrawnSetProps) {
  const t = useTranslations('avatars.drawn');
  const group = useId();
  return (
    <fieldset className="drawn">
      <legend className={hideLabel ? 'ui-hidden' : 'ui-field-label'}>{label}</legend>
      <div>
        {DRAWN.map((name) => (
          <label key={name} data-tip={t(name)}>
            <input
              type="radio"
              name={group}
              aria-label={t(name)}
              checked={name === value}
              onChange={() => onChange(name)}
            />
            <img src={drawnUrl(name)} alt="" decoding="async" draggable={false} />
            <Check aria-hidden="true" />
          </label>
        ))}
      </div>
    </fieldset>
  );
}
