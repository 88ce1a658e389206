import type { ComponentPropsWithRef, ReactNode } from 'react';
import './button.css';
import { classes } from './classes';
import { Spinner } from './progress';

/** `caution` leads to something that `danger` then does. */
export type ButtonVariant = 'primary' | 'quiet' | 'plain' | 'caution' | 'danger';

export interface ButtonProps extends Omit<ComponentPropsWithRef<'button'>, 'disabled'> {
  variant?: ButtonVariant;
  size?: 'small' | 'normal' | 'large';
  icon?: ReactNode;
  /** Takes the whole width of its container. */
  wide?: boolean;
  /** Work is under way: the button keeps its place and its focus but does nothing. */
  busy?: boolean;
  /** Stays focusable, so that its reason (`title`, description) can be read. */
  disabled?: boolean;
}

/** A labelled action. */
export function Button({
  variant = 'quiet',
  size = 'normal',
  icon,
  wide,
  busy,
  disabled,
  className,
  children,
  type = 'button',
  onClick,
  ...rest
}: ButtonProps) {
  const idle = Boolean(busy || disabled);
  return (
    <button
      {...rest}
      type={type}
      className={classes('ui-button', wide && 'is-wide', className)}
      data-variant={variant}
      data-size={size}
      data-busy={busy || undefined}
      aria-disabled={idle || undefined}
      aria-busy={busy || undefined}
      onClick={(event) => {
        if (idle) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {icon}
      <span className="ui-button-label">{children}</span>
      {busy && <Spinner className="ui-button-spinner" />}
    </button>
  );
}

export interface IconButtonProps extends Omit<ComponentPropsWithRef<'button'>, 'aria-label' | 'title' | 'disabled'> {
  /** Said by screen readers and shown as the tooltip. */
  label: string;
  /** Keys to show beside the label in the tooltip. */
  keys?: string | undefined;
  /** `small` is for dense toolbars: 28 px, still over the 24 px a finger's aim asks. */
  size?: 'small' | 'normal';
  disabled?: boolean;
  pressed?: boolean | undefined;
}

/** An action that is only an icon: always labelled, always with a tooltip. */
export function IconButton({
  label,
  keys,
  size = 'normal',
  disabled,
  pressed,
  className,
  type = 'button',
  onClick,
  ...rest
}: IconButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={classes('ui-icon-button', className)}
      data-size={size}
      aria-label={label}
      data-tip={label}
      data-tip-keys={keys}
      aria-pressed={pressed}
      aria-disabled={disabled || undefined}
      onClick={(event) => {
        if (disabled) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}
