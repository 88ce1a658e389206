/** Asked before a message rings in every pocket of a room. */
import { useTranslations } from 'use-intl';
import { ConfirmDialog } from '../../ui';

export default function AskEverybody({
  open,
  people,
  onClose,
  onConfirm,
}: {
  open: boolean;
  /** How many others are in the room. */
  people: number;
  onClose(): void;
  onConfirm(): void;
}) {
  const t = useTranslations('composer');
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={t('everyoneTitle')}
      confirmLabel={t('everyoneSend')}
      onConfirm={onConfirm}
    >
      {t('everyoneText', { count: people })}
    </ConfirmDialog>
  );
}
