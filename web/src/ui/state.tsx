import { RotateCw, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import './state.css';
import { Button } from './button';

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
