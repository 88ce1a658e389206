/** What the panel shows of a room. */
import { AvatarDeeds } from '../features/avatars';
import { MemberPanel } from '../features/members';
import { RoomDetails } from '../features/rooms/dialogs';
import type { PanelProps } from './panel';

export default function PanelBody({ name, room, onProfile, onMessage, onAdd, onGone }: PanelProps) {
  return name === 'members' ? (
    <MemberPanel room={room} onProfile={onProfile} onMessage={onMessage} onAdd={onAdd} />
  ) : (
    <RoomDetails
      room={room}
      onGone={onGone}
      avatarDeeds={<AvatarDeeds wide bearer={{ kind: 'room', id: room.id }} name={room.name} url={room.avatar_url} />}
    />
  );
}
