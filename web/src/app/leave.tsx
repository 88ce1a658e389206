/** Asked before an account is left whose words are not all sent: they go from the device with it. */
import { useTranslations } from 'use-intl';
import { countLeft } from '../state';
import { ConfirmDialog } from '../ui';

export function LeaveDialog({ open, onClose, onLeave }: { open: boolean; onClose(): void; onLeave(): Promise<void> }) {
  const t = useTranslations('ended');
  const menu = useTranslations('deskMenu');
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={t('leaveTitle')}
      confirmLabel={menu('logOut')}
      danger
      onConfirm={onLeave}
    >
      {t('leaveText', { count: open ? countLeft() : 0 })}
    </ConfirmDialog>
  );
}
