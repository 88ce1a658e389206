/** In the composer's place when one looks at a public room without being in it. */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Room } from '../../gen/wire';
import { joinRoom } from '../../net/rooms';
import { Button, toast, useRefusals } from '../../ui';
import './rooms.css';

export default function PreviewBar({ room }: { room: Room }) {
  const t = useTranslations('roomDialogs');
  const refusals = useRefusals();
  const [busy, setBusy] = useState(false);
  const join = async () => {
    setBusy(true);
    try {
      await joinRoom(room.id);
    } catch (error) {
      toast({ text: refusals.say(error, t('joinFailed')), tone: 'error' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="rp">
      <p>{t('previewText', { room: room.name, count: room.member_count })}</p>
      <Button variant="primary" busy={busy} onClick={() => void join()}>
        {t('join')}
      </Button>
    </div>
  );
}
