/** The head of the sheet: which room this is, who is here, and the way to its panels. */
import { ArrowLeft, Info, Lock, Paperclip, Users } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useShallow } from 'zustand/shallow';
import type { Room } from '../../gen/wire';
import { keysOf } from '../../lib/keys';
import { facesOf, nameOf, peerOf, pictureOf, titleOf, useChat, usePresence, useSession } from '../../state';
import { Avatar, AvatarStack, IconButton, RoomTile, tint } from '../../ui';
import './rooms.css';

const FACES = 3;

export function RoomHeader({
  room,
  panel,
  onPanel,
  onBack,
  onProfile,
}: {
  room: Room;
  panel: string | undefined;
  onPanel(panel: 'members' | 'files' | 'details'): void;
  onBack(): void;
  onProfile(userId: number, anchor: Element): void;
}) {
  const t = useTranslations('rooms');
  const ui = useTranslations('ui');
  const users = useChat((chat) => chat.users);
  const me = useSession((session) => session.me);
  const here = usePresence((state) => state.here[room.id]);
  const peer = peerOf(room);
  const seen = usePresence((state) => (peer ? state.people[peer.id] : undefined));
  const title = titleOf(room, users, me);
  // The thread has the hue of what stands above it.
  const face = peer?.id ?? room.id;
  const picture = pictureOf(room, users);
  const presence = peer ? (seen?.presence ?? 'offline') : undefined;
  const members = useChat((chat) => chat.members[room.id]);
  const faces = usePresence(
    useShallow(({ people }) => facesOf(here?.users ?? [], members ?? [], people, users).slice(0, FACES)),
  ).map((person) => ({ id: person.id, name: nameOf(person), src: person.avatar_url }));
  return (
    <header className="rh ui-tinted" style={tint(face)}>
      <IconButton className="rh-back" label={t('back')} onClick={onBack}>
        <ArrowLeft size={20} />
      </IconButton>
      {room.kind === 'direct' ? (
        <button
          type="button"
          className="rh-peer"
          aria-label={t('profileOf', { name: title })}
          onClick={(event) => peer && onProfile(peer.id, event.currentTarget)}
        >
          <Avatar id={face} name={title} size={28} presence={presence} src={picture} />
        </button>
      ) : (
        <RoomTile id={room.id} name={title} size={28} src={picture} />
      )}
      <h1>
        <span>{title}</span>
        {room.is_private && room.kind === 'room' && <Lock size={14} aria-label={t('private')} />}
      </h1>
      <p>{peer ? peerLine(peer.status_text, presence, ui) : room.description}</p>
      {room.kind === 'room' && (
        <button
          type="button"
          className="rh-people"
          aria-pressed={panel === 'members'}
          aria-label={t('membersButton', { count: room.member_count, online: here?.total ?? 0 })}
          data-tip={t('members')}
          onClick={() => onPanel('members')}
        >
          {faces.length > 0 && <AvatarStack people={faces} size={24} />}
          <Users size={18} className={faces.length > 0 ? 'rh-many' : undefined} aria-hidden="true" />
          <span aria-hidden="true">{room.member_count}</span>
        </button>
      )}
      <IconButton label={t('files')} pressed={panel === 'files'} onClick={() => onPanel('files')}>
        <Paperclip size={18} />
      </IconButton>
      <IconButton
        label={t('details')}
        keys={keysOf('page', 'panel')}
        pressed={panel === 'details'}
        onClick={() => onPanel('details')}
      >
        <Info size={19} />
      </IconButton>
    </header>
  );
}

function peerLine(
  status: string,
  presence: 'online' | 'away' | 'offline' | undefined,
  ui: ReturnType<typeof useTranslations<'ui'>>,
): string {
  if (status) return status;
  return presence ? ui(`presence.${presence}`) : '';
}
