/** The beginning of a room: what it is for, who made it, and what to do first. */
import { Link2, Pencil, UserPlus } from 'lucide-react';
import { useLocale, useTranslations } from 'use-intl';
import type { Room } from '../../gen/wire';
import { longDate } from '../../lib/time';
import { nameOf, peerOf, pictureOf, titleOf, useChat, useSession } from '../../state';
import { Avatar, Button, RoomTile } from '../../ui';
import './rooms.css';
import { useShare } from './use-share';

export function RoomIntro({
  room,
  onInvite,
  onDetails,
  mayEdit,
}: {
  room: Room;
  onInvite(): void;
  onDetails(): void;
  mayEdit: boolean;
}) {
  const t = useTranslations('rooms');
  const locale = useLocale();
  const users = useChat((chat) => chat.users);
  const me = useSession((session) => session.me);
  const title = titleOf(room, users, me);
  const peer = peerOf(room);
  const picture = pictureOf(room, users);
  const maker = nameOf(users[room.created_by]);
  const self = room.created_by === me?.id ? 'yes' : 'no';
  const date = longDate(room.created_at, locale);
  const share = useShare(room.id);
  if (room.kind === 'direct') {
    return (
      <div className="ri">
        <Avatar id={peer?.id ?? room.id} name={title} size={64} src={picture} />
        <h2>{title}</h2>
        <p>{t('introDirect', { name: title })}</p>
      </div>
    );
  }
  return (
    <div className="ri">
      <RoomTile id={room.id} name={title} size={56} src={picture} />
      <h2>{title}</h2>
      <p>
        {room.description || t('introNoPurpose')}{' '}
        <span className="ri-made">
          {maker ? t('introMade', { self, name: maker, date }) : t('introMadeOn', { date })}
        </span>
      </p>
      <div className="ri-actions">
        {room.is_private ? (
          mayEdit && (
            <Button icon={<UserPlus size={16} />} onClick={onInvite}>
              {t('addPeople')}
            </Button>
          )
        ) : (
          <Button icon={<Link2 size={16} />} onClick={share}>
            {t('copyLink')}
          </Button>
        )}
        {mayEdit && (
          <Button variant="plain" icon={<Pencil size={16} />} onClick={onDetails}>
            {room.description ? t('editRoom') : t('setPurpose')}
          </Button>
        )}
      </div>
    </div>
  );
}
