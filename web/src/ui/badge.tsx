import { Fragment, type ReactNode } from 'react';
import './badge.css';

/** A count in a pill: `mention` is ember (it names you), `count` quiet. Nothing at zero. */
export function Badge({ count, tone = 'count', label }: { count: number; tone?: 'mention' | 'count'; label?: string }) {
  if (count <= 0) return null;
  return (
    <span className="ui-badge" data-tone={tone}>
      {label && <span className="ui-hidden">{label}</span>}
      <span aria-hidden={label ? true : undefined}>{count > 99 ? '99+' : count}</span>
    </span>
  );
}

/** A word about a thing: a role, a state. */
export function Pill({
  tone = 'neutral',
  icon,
  children,
}: {
  tone?: 'neutral' | 'accent' | 'ember' | 'ok' | 'danger';
  icon?: ReactNode;
  children: ReactNode;
}) {
  return (
    <span className="ui-pill" data-tone={tone}>
      {icon}
      {children}
    </span>
  );
}

const SYMBOLS: Record<string, string> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  Delete: 'Del',
  ' ': 'Space',
};

/** Keys to press, written with pluses: `Ctrl+K`. */
export function Kbd({ keys }: { keys: string }) {
  const parts = keys === '+' ? ['+'] : keys.split('+');
  return (
    <span className="ui-keys">
      {parts.map((key, place) => (
        <Fragment key={key}>
          {place > 0 && <span className="ui-hidden">+</span>}
          <kbd>{SYMBOLS[key] ?? key}</kbd>
        </Fragment>
      ))}
    </span>
  );
}
