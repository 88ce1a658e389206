/** One room in the list. Unread is weight and a dot; numbers are for what names me. */
import { Lock } from 'lucide-react';
import { memo } from 'react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import type { Room } from '../../gen/wire';
import {
  countOf,
  isUnread,
  peerOf,
  pictureOf,
  placeOf,
  titleOf,
  useChat,
  useDrafts,
  usePresence,
  useSession,
} from '../../state';
import { Avatar, Badge, RoomTile } from '../../ui';

export const Entry = memo(function Entry({
  room,
  current,
  tabbable,
}: {
  room: Room;
  current: boolean;
  /** Tab comes to one room of the list; the arrow keys lead to the others. */
  tabbable: boolean;
}) {
  const t = useTranslations('rooms');
  const me = useSession((session) => session.me);
  const title = useChat((chat) => titleOf(room, chat.users, me));
  const peer = peerOf(room);
  const picture = useChat((chat) => pictureOf(room, chat.users));
  const presence = usePresence((state) => (peer ? (state.people[peer.id]?.presence ?? 'offline') : undefined));
  const drafted = useDrafts((state) => Boolean(state.places[placeOf(room.id)]?.text)) && !current;
  const count = countOf(room);
  const unread = isUnread(room);
  return (
    <Link
      href={`/r/${room.id}`}
      className="rl-row"
      data-testid="room-link"
      data-room={room.id}
      data-unread={unread || undefined}
      aria-current={current ? 'page' : undefined}
      tabIndex={tabbable ? 0 : -1}
    >
      {room.kind === 'direct' ? (
        <Avatar id={peer?.id ?? room.id} name={title} size={24} presence={presence} src={picture} />
      ) : (
        <RoomTile id={room.id} name={title} src={picture} />
      )}
      <span className="rl-name">{title}</span>
      {room.is_private && room.kind === 'room' && <Lock size={12} className="rl-lock" aria-label={t('private')} />}
      {drafted && <span className="rl-draft">{t('draft')}</span>}
      {count > 0 ? (
        <Badge
          count={count}
          tone="mention"
          label={room.kind === 'direct' ? t('unreadCount', { count }) : t('mentionCount', { count })}
        />
      ) : (
        unread && (
          <span className="rl-dot">
            <span className="ui-hidden">{t('unread')}</span>
          </span>
        )
      )}
    </Link>
  );
});
