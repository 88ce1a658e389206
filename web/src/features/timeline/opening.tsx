/** What stands where the messages will be: they are on their way, did not come, or there are none at that position. */
import { useTranslations } from 'use-intl';
import { Button, EmptyState, ErrorState, SkeletonRows } from '../../ui';
import type { Pages } from './use-pages';

export function Opening({ pages, onLatest }: { pages: Pages; onLatest(): void }) {
  const t = useTranslations('timeline');
  if (pages.absent) {
    return (
      <EmptyState
        title={t('absent')}
        action={
          <Button variant="primary" onClick={onLatest}>
            {t('toLatest')}
          </Button>
        }
      >
        {t('absentHint')}
      </EmptyState>
    );
  }
  if (pages.failed) {
    return (
      <ErrorState title={t('loadFailed')} onRetry={pages.retry}>
        {t('loadFailedHint')}
      </ErrorState>
    );
  }
  return (
    <div className="tl-loading">
      <SkeletonRows rows={7}>{t('loading')}</SkeletonRows>
    </div>
  );
}
