/** A new room: a name is enough. */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { createRoom } from '../../net/rooms';
import { Button, Dialog } from '../../ui';
import { RoomForm } from './room-form';

export function CreateRoom({
  open,
  onClose,
  onCreated,
}: {
  open: boolean;
  onClose(): void;
  onCreated(roomId: number): void;
}) {
  const t = useTranslations('roomDialogs');
  const [busy, setBusy] = useState(false);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t('createTitle')}
      actions={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button variant="primary" type="submit" form="create-room" busy={busy}>
            {t('create')}
          </Button>
        </>
      }
    >
      <RoomForm
        id="create-room"
        initial={{ name: '', description: '', is_private: false }}
        onBusy={setBusy}
        onSubmit={async (values) => {
          const room = await createRoom(values);
          onClose();
          onCreated(room.id);
        }}
      />
    </Dialog>
  );
}
