import { type ComponentPropsWithRef, type CSSProperties, type ReactNode, useId } from 'react';
import './choice.css';
import { classes } from './classes';

export interface ToggleProps extends Omit<ComponentPropsWithRef<'input'>, 'type' | 'onChange' | 'checked'> {
  label: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function Toggle({ kind, label, hint, onChange, className, ...input }: ToggleProps & { kind: 'switch' | 'checkbox' }) {
  const id = useId();
  return (
    <div className={classes('ui-toggle', `is-${kind}`, className)}>
      <input
        {...input}
        id={id}
        type="checkbox"
        role={kind === 'switch' ? 'switch' : undefined}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {hint && <p id={`${id}-hint`}>{hint}</p>}
    </div>
  );
}

/** On or off, at once. */
export function Switch(props: ToggleProps) {
  return <Toggle kind="switch" {...props} />;
}

/** Yes or no, told with the rest of a form. */
export function Checkbox(props: ToggleProps) {
  return <Toggle kind="checkbox" {...props} />;
}

export interface ChoiceProps<T extends string> {
  label: string;
  hideLabel?: boolean;
  value: T;
  options: readonly { value: T; label: string; hint?: string; icon?: ReactNode }[];
  onChange: (value: T) => void;
}

/** One of a few, below each other, each with room for a line of explanation. */
export function RadioGroup<T extends string>({ label, hideLabel, value, options, onChange }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset className="ui-radios">
      <legend className={hideLabel ? 'ui-hidden' : 'ui-field-label'}>{label}</legend>
      {options.map((option) => (
        <div className="ui-toggle is-radio" key={option.value}>
          <input
            id={`${name}-${option.value}`}
            type="radio"
            name={name}
            checked={option.value === value}
            aria-describedby={option.hint ? `${name}-${option.value}-hint` : undefined}
            onChange={() => onChange(option.value)}
          />
          <label htmlFor={`${name}-${option.value}`}>{option.label}</label>
          {option.hint && <p id={`${name}-${option.value}-hint`}>{option.hint}</p>}
        </div>
      ))}
    </fieldset>
  );
}

/** One of a few short words, side by side. Radio buttons underneath, so arrow keys and readers know it. */
export function SegmentedControl<T extends string>({ label, hideLabel, value, options, onChange }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset className="ui-segments">
      <legend className={hideLabel ? 'ui-hidden' : 'ui-field-label'}>{label}</legend>
      <div>
        {options.map((option) => (
          <label key={option.value}>
            <input type="radio" name={name} checked={option.value === value} onChange={() => onChange(option.value)} />
            <span>
              {option.icon}
              {option.label}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  /** The value in words, shown and read. */
  text: string;
  onChange: (value: number) => void;
}

/** A number by feel. */
export function Slider({ label, value, min, max, step, text, onChange }: SliderProps) {
  const id = useId();
  return (
    <div className="ui-slider">
      <label htmlFor={id} className="ui-field-label">
        {label}
      </label>
      <output htmlFor={id}>{text}</output>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={text}
        style={{ '--done': `${((value - min) / (max - min)) * 100}%` } as CSSProperties}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </div>
  );
}
