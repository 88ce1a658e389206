import { CircleAlert, CircleCheck, Info, RotateCw, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import './state.css';
import { Button } from './button';
import { classes } from './classes';

/** Nothing here yet: what to do next, in one line and one button. */
export function EmptyState({
  icon,
  title,
  heading = false,
  children,
  action,
}: {
  icon?: ReactNode;
  title: string;
  /** The title is that of the page. */
  heading?: boolean;
  children?: ReactNode;
  action?: ReactNode;
}) {
  const Title = heading ? 'h1' : 'p';
  return (
    <div className="ui-state">
      {icon && <div className="ui-state-icon">{icon}</div>}
      <Title className="ui-state-title">{title}</Title>
      {children && <p className="ui-state-text">{children}</p>}
      {action && <div className="ui-state-action">{action}</div>}
    </div>
  );
}

/** Something did not work: what, and how to go on. */
export function ErrorState({
  title,
  children,
  onRetry,
  busy = false,
}: {
  title: string;
  children?: ReactNode;
  onRetry?: () => void;
  busy?: boolean;
}) {
  const t = useTranslations('ui');
  return (
    <div className="ui-state" role="alert">
      <div className="ui-state-icon is-error">
        <TriangleAlert aria-hidden="true" />
      </div>
      <p className="ui-state-title">{title}</p>
      {children && <p className="ui-state-text">{children}</p>}
      {onRetry && (
        <div className="ui-state-action">
          <Button icon={<RotateCw aria-hidden="true" />} busy={busy} onClick={onRetry}>
            {t('retry')}
          </Button>
        </div>
      )}
    </div>
  );
}

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
