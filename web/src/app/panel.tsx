/** The sheet beside the room: its members or its details. Part of the address, so that Back closes it. */
import { X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { MemberPanel } from '../features/members';
import { RoomDetails } from '../features/rooms/dialogs';
import type { Room } from '../gen/wire';
import { IconButton } from '../ui';
import { Boundary } from './boundary';

export type PanelName = 'members' | 'details';

export default function Panel({
  name,
  room,
  onClose,
  onProfile,
  onMessage,
  onAdd,
  onGone,
}: {
  name: PanelName;
  room: Room;
  onClose(): void;
  onProfile(userId: number, anchor: Element): void;
  onMessage(userId: number): void;
  onAdd(): void;
  onGone(): void;
}) {
  const t = useTranslations('app');
  return (
    <aside className="panel" aria-label={t(`panel.${name}`)} data-landmark="button">
      <div className="panel-head">
        <h2>{t(`panel.${name}`)}</h2>
        <IconButton label={t('closePanel')} keys="Ctrl+." onClick={onClose}>
          <X size={18} />
        </IconButton>
      </div>
      <div className="panel-body">
        <Boundary resetKey={`${room.id}-${name}`}>
          {name === 'members' ? (
            <MemberPanel room={room} onProfile={onProfile} onMessage={onMessage} onAdd={onAdd} />
          ) : (
            <RoomDetails room={room} onGone={onGone} />
          )}
        </Boundary>
      </div>
    </aside>
  );
}
