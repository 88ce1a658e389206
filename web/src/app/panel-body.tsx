/** What the panel shows of a room. */
import { AvatarDeeds } from '../features/avatars';
import { MemberPanel } from '../features/members';
import { RoomDetails } from '../features/rooms/dialogs';
import type { PanelProps } from './panel';
import { lazyWithWords } from './words';

const ListedFiles = lazyWithWords(() => import('./listed-files'));

export default function PanelBody({ name, room, onProfile, onMessage, onAdd, onGone }: PanelProps) {
  switch (name) {
    case 'members':
      return <MemberPanel room={room} onProfile={onProfile} onMessage={onMessage} onAdd={onAdd} />;
    case 'files':
      return <ListedFiles roomId={room.id} />;
    case 'details':
      return (
        <RoomDetails
          room={room}
          onGone={onGone}
          avatarDeeds={
            <AvatarDeeds wide owner={{ kind: 'room', id: room.id }} name={room.name} url={room.avatar_url} />
          }
        />
      );
  }
}
