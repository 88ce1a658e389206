import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../button';
import type { ConfirmDialogProps } from '../overlay';
import { Dialog } from './modal';

/** A question with two buttons: the deed, and not to do it. */
export function ConfirmDialog({ open, onClose, title, children, confirmLabel, danger, onConfirm }: ConfirmDialogProps) {
  const t = useTranslations('ui');
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch {
      // The caller has told what went wrong; the dialog stays for another try.
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      size="small"
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button variant={danger ? 'danger' : 'primary'} busy={busy} onClick={() => void confirm()}>
            {confirmLabel}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}
