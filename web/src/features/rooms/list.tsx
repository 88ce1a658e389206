/** The list on the desk: rooms, then direct conversations. Unread is weight and a dot; numbers are for what names me. */
import { ChevronDown, Lock, Plus } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import type { Room } from '../../gen/wire';
import { countOf, isUnread, peerOf, placeOf, titleOf, useChat, useDrafts, usePresence, useSession } from '../../state';
import { Avatar, Badge, IconButton, RoomTile, Skeleton } from '../../ui';
import { useOpen } from './folded';
import './rooms.css';

export function RoomList({
  rooms,
  current,
  loading,
  onCreate,
  onStartDirect,
}: {
  rooms: readonly Room[];
  current: number | undefined;
  loading: boolean;
  onCreate(): void;
  onStartDirect(): void;
}) {
  const t = useTranslations('rooms');
  const named = rooms.filter((room) => room.kind === 'room');
  const direct = rooms.filter((room) => room.kind === 'direct');
  // A closed section still tells where one is and what is new.
  const entries = (list: readonly Room[], open: boolean) =>
    list
      .filter((room) => open || room.id === current || isUnread(room))
      .map((room) => <Entry key={room.id} room={room} current={room.id === current} />);
  if (loading) return <Skeleton lines={9} className="rl-skeleton" />;
  return (
    <div className="rl">
      <Section
        id="rooms"
        title={t('rooms')}
        action={
          <IconButton size="small" label={t('create')} onClick={onCreate}>
            <Plus size={16} />
          </IconButton>
        }
      >
        {(open) => entries(named, open)}
      </Section>
      <Section
        id="direct"
        title={t('direct')}
        action={
          <IconButton size="small" label={t('startDirect')} onClick={onStartDirect}>
            <Plus size={16} />
          </IconButton>
        }
      >
        {(open) =>
          direct.length > 0 || !open ? (
            entries(direct, open)
          ) : (
            <li className="rl-none">
              <button type="button" onClick={onStartDirect}>
                {t('noDirect')}
              </button>
            </li>
          )
        }
      </Section>
    </div>
  );
}

function Section({
  id,
  title,
  action,
  children,
}: {
  id: string;
  title: string;
  action: ReactNode;
  children(open: boolean): ReactNode;
}) {
  const [open, setOpen] = useOpen(id);
  return (
    <section aria-labelledby={`rl-${id}`}>
      <div className="rl-head">
        <h2 id={`rl-${id}`}>
          <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
            {title}
            <ChevronDown size={13} aria-hidden="true" />
          </button>
        </h2>
        {action}
      </div>
      <ul>{children(open)}</ul>
    </section>
  );
}

const Entry = memo(function Entry({ room, current }: { room: Room; current: boolean }) {
  const t = useTranslations('rooms');
  const users = useChat((chat) => (room.kind === 'direct' ? chat.users : undefined));
  const me = useSession((session) => session.me);
  const peer = peerOf(room);
  const presence = usePresence((state) => (peer ? (state.people[peer.id]?.presence ?? 'offline') : undefined));
  const drafted = useDrafts((state) => Boolean(state.places[placeOf(room.id)]?.text)) && !current;
  const title = titleOf(room, users ?? {}, me);
  const count = countOf(room);
  const unread = isUnread(room);
  return (
    <li>
      <Link
        href={`/r/${room.id}`}
        className="rl-row"
        data-testid="room-link"
        data-unread={unread || undefined}
        aria-current={current ? 'page' : undefined}
      >
        {room.kind === 'direct' ? (
          <Avatar id={peer?.id ?? room.id} name={title} size={24} presence={presence} />
        ) : (
          <RoomTile id={room.id} name={title} />
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
    </li>
  );
});
