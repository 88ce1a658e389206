/** In the place of a part of the page that failed or did not come: what happened, and the two ways on. */
import { createPortal } from 'react-dom';
import { useTranslations } from 'use-intl';
import './stopped.css';
import { Button } from './button';
import { ErrorState } from './state';

export function Stopped({
  place,
  title,
  hint,
  busy = false,
  onRetry,
  onDismiss,
}: {
  place: 'pane' | 'notice';
  title: string;
  hint: string;
  busy?: boolean;
  onRetry: () => void;
  onDismiss?: (() => void) | undefined;
}) {
  const t = useTranslations('ui');
  const notice = (
    <div className="ui-stopped" data-place={place}>
      <ErrorState title={title}>{hint}</ErrorState>
      <div className="ui-stopped-actions">
        {onDismiss && <Button onClick={onDismiss}>{t('dismiss')}</Button>}
        <Button onClick={() => location.reload()}>{t('part.reloadPage')}</Button>
        <Button variant="primary" busy={busy} onClick={onRetry}>
          {t('retry')}
        </Button>
      </div>
    </div>
  );
  return place === 'notice' ? createPortal(notice, document.body) : notice;
}
