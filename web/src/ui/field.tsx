import { ChevronDown, Eye, EyeOff } from 'lucide-react';
import { type ComponentPropsWithRef, type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import './field.css';
import { classes } from './classes';

interface FieldFrame {
  label: string;
  /** One line below the control; gives way to the error. */
  hint?: ReactNode;
  /** What is wrong and what to do. Announced when it appears. */
  error?: ReactNode;
  /** For search fields whose purpose the surroundings make plain. */
  hideLabel?: boolean;
}

function Frame({
  id,
  label,
  hint,
  error,
  hideLabel,
  className,
  children,
}: FieldFrame & { id: string; className?: string | undefined; children: ReactNode }) {
  return (
    <div className={classes('ui-field', className)} data-invalid={error ? true : undefined}>
      <label htmlFor={id} className={hideLabel ? 'ui-hidden' : 'ui-field-label'}>
        {label}
      </label>
      {children}
      {/* The region stands before the error does, otherwise it would not be announced. */}
      <div id={`${id}-error`} className="ui-field-error" aria-live="polite">
        {error}
      </div>
      {hint && !error && (
        <div id={`${id}-hint`} className="ui-field-hint">
          {hint}
        </div>
      )}
    </div>
  );
}

function described(id: string, { hint, error }: FieldFrame) {
  return {
    'aria-describedby': error ? `${id}-error` : hint ? `${id}-hint` : undefined,
    'aria-invalid': error ? true : undefined,
  };
}

export interface FieldProps extends FieldFrame, Omit<ComponentPropsWithRef<'input'>, 'size'> {
  icon?: ReactNode;
  trailing?: ReactNode;
}

/** One line of text with its label, hint and error. */
export function Field({ label, hint, error, hideLabel, icon, trailing, className, id, ...input }: FieldProps) {
  const own = useId();
  const fieldId = id ?? own;
  return (
    <Frame id={fieldId} label={label} hint={hint} error={error} hideLabel={hideLabel ?? false} className={className}>
      <div className="ui-input">
        {icon}
        <input id={fieldId} {...described(fieldId, { label, hint, error })} {...input} />
        {trailing}
      </div>
    </Frame>
  );
}

/** A password: can be shown, and says when Caps Lock is on. */
export function PasswordField({ hint, ...props }: Omit<FieldProps, 'type' | 'trailing'>) {
  const t = useTranslations('field');
  const [shown, setShown] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  const watch = (event: KeyboardEvent<HTMLInputElement>) => {
    setCapsLock(event.getModifierState('CapsLock'));
  };
  return (
    <Field
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      {...props}
      hint={capsLock ? <strong className="ui-field-caps">{t('capsLock')}</strong> : hint}
      type={shown ? 'text' : 'password'}
      onKeyDown={(event) => {
        watch(event);
        props.onKeyDown?.(event);
      }}
      onKeyUp={(event) => {
        watch(event);
        props.onKeyUp?.(event);
      }}
      trailing={
        <button
          type="button"
          className="ui-input-button"
          aria-label={t('showPassword')}
          aria-pressed={shown}
          data-tip={shown ? t('hidePassword') : t('showPassword')}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOff aria-hidden="true" /> : <Eye aria-hidden="true" />}
        </button>
      }
    />
  );
}

export interface TextAreaProps extends FieldFrame, ComponentPropsWithRef<'textarea'> {
  /** Shows how many characters are left once fewer than a fifth are. */
  limit?: number;
}

/** Several lines of text; grows with what is written. */
export function TextArea({ label, hint, error, hideLabel, limit, className, id, ...area }: TextAreaProps) {
  const t = useTranslations('field');
  const own = useId();
  const fieldId = id ?? own;
  const length = [...String(area.value ?? '')].length;
  const left = limit === undefined ? undefined : limit - length;
  const near = left !== undefined && limit !== undefined && left < limit / 5;
  return (
    <Frame
      id={fieldId}
      label={label}
      hint={near ? t('charactersLeft', { count: left }) : hint}
      error={error}
      hideLabel={hideLabel ?? false}
      className={className}
    >
      <div className="ui-input is-area">
        <textarea
          rows={3}
          id={fieldId}
          maxLength={limit}
          {...described(fieldId, { label, hint: near || hint, error })}
          {...area}
        />
      </div>
    </Frame>
  );
}

export interface SelectProps<T extends string> extends FieldFrame {
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  disabled?: boolean;
  className?: string;
}

/** One of a list. The platform's own control: nothing else is as good on a phone. */
export function Select<T extends string>({
  label,
  hint,
  error,
  hideLabel,
  value,
  options,
  onChange,
  disabled,
  className,
}: SelectProps<T>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error} hideLabel={hideLabel ?? false} className={className}>
      <div className="ui-input is-select">
        <select
          id={id}
          value={value}
          disabled={disabled}
          {...described(id, { label, hint, error })}
          onChange={(event) => {
            const chosen = options.find((option) => option.value === event.target.value);
            if (chosen) onChange(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <ChevronDown aria-hidden="true" />
      </div>
    </Frame>
  );
}
