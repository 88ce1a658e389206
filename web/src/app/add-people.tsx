/** Seating more people in a room. */
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { StartDirect } from '../features/rooms/dialogs';
import { seatMember } from '../net';
import { useChat } from '../state';

export default function AddPeople({
  roomId,
  title,
  open,
  onClose,
}: {
  roomId: number;
  title: string;
  open: boolean;
  onClose(): void;
}) {
  const t = useTranslations('app');
  const members = useChat((chat) => chat.members[roomId]);
  const seated = useMemo(() => new Set(members?.map((member) => member.user.id)), [members]);
  return (
    <StartDirect
      open={open}
      onClose={onClose}
      title={t('addPeople', { room: title })}
      except={seated}
      onChoose={(user) => seatMember(roomId, user, 'member')}
    />
  );
}
