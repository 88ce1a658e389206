/** A notice in its place. It comes with what has one to show. */
import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import './state.css';
import { classes } from './classes';

const ICONS = { info: Info, ok: CircleCheck, warning: TriangleAlert, error: CircleAlert };

export interface BannerProps {
  tone?: keyof typeof ICONS;
  children: ReactNode;
  action?: ReactNode;
  /** `slim` is one quiet line. */
  slim?: boolean;
  className?: string;
}

/** A notice that stays until its cause is gone. */
export function Banner({ tone = 'info', children, action, slim, className }: BannerProps) {
  const Icon = ICONS[tone];
  return (
    <div
      className={classes('ui-banner', slim && 'is-slim', className)}
      data-tone={tone}
      role={tone === 'error' ? 'alert' : 'status'}
    >
      <Icon aria-hidden="true" />
      <div>{children}</div>
      {action}
    </div>
  );
}
