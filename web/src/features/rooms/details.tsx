/** About a room: its facts, changing them, leaving, deleting. Shows only what the person may do. */
import { Link2, LogOut, Pencil, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import type { Room } from '../../gen/wire';
import { longDate } from '../../lib/time';
import { deleteRoom, editRoom, leaveRoom } from '../../net/rooms';
import { atLeast, nameOf, pictureOf, titleOf, useChat, useSession } from '../../state';
import { Avatar, Button, ConfirmDialog, RoomTile, toast, useRefusals } from '../../ui';
import { RoomForm } from './room-form';
import { useShare } from './use-share';
import './rooms.css';

export function RoomDetails({
  room,
  onGone,
  avatarDeeds,
}: {
  room: Room;
  onGone(): void;
  /** What can be done about its picture, for who may. */
  avatarDeeds: ReactNode;
}) {
  const t = useTranslations('roomDialogs');
  const refusals = useRefusals();
  const locale = useLocale();
  const users = useChat((chat) => chat.users);
  const me = useSession((session) => session.me);
  const [editing, setEditing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState<'leave' | 'delete'>();
  const share = useShare(room.id);
  const title = titleOf(room, users, me);
  const picture = pictureOf(room, users);
  const mayEdit = room.kind === 'room' && (atLeast(room.my_role, 'admin') || me?.is_admin === true);
  const mayDelete = room.kind === 'room' && (room.my_role === 'owner' || me?.is_admin === true);
  const maker = nameOf(users[room.created_by]);

  const run = async (work: () => Promise<void>) => {
    try {
      await work();
      onGone();
    } catch (error) {
      toast({
        text: refusals.say(error, t('unreachable')),
        tone: 'error',
      });
    }
  };

  if (editing) {
    return (
      <div className="rd">
        <RoomForm
          id="edit-room"
          initial={{ name: room.name, description: room.description, is_private: room.is_private }}
          onBusy={setBusy}
          onSubmit={async (values) => {
            await editRoom(room.id, values);
            setEditing(false);
            toast({ text: t('saved'), tone: 'ok' });
          }}
        >
          <div className="rd-actions">
            <Button variant="primary" type="submit" busy={busy}>
              {t('save')}
            </Button>
            <Button onClick={() => setEditing(false)}>{t('cancel')}</Button>
          </div>
        </RoomForm>
      </div>
    );
  }

  return (
    <div className="rd">
      <div className="rd-head">
        {room.kind === 'direct' ? (
          <Avatar id={room.peers[0]?.id ?? room.id} name={title} size={64} src={picture} />
        ) : (
          <RoomTile id={room.id} name={title} size={56} src={picture} />
        )}
        <h3>{title}</h3>
      </div>
      <dl className="rd-facts">
        {room.kind === 'room' && (
          <>
            <dt>{t('purpose')}</dt>
            <dd>{room.description || t('noPurpose')}</dd>
            <dt>{t('access')}</dt>
            <dd>{room.is_private ? t('accessPrivate') : t('accessPublic')}</dd>
          </>
        )}
        <dt>{t('members')}</dt>
        <dd>{room.member_count}</dd>
        <dt>{t('created')}</dt>
        <dd>
          {longDate(room.created_at, locale)}
          {maker && (
            <>
              {' · '}
              <bdi>{maker}</bdi>
            </>
          )}
        </dd>
        {room.my_role && room.kind === 'room' && (
          <>
            <dt>{t('yourRole')}</dt>
            <dd>{t(`role.${room.my_role}`)}</dd>
          </>
        )}
      </dl>
      <div className="rd-actions">
        {room.kind === 'room' && !room.is_private && (
          <Button wide icon={<Link2 size={16} />} onClick={share}>
            {t('copyLink')}
          </Button>
        )}
        {mayEdit && (
          <Button wide icon={<Pencil size={16} />} onClick={() => setEditing(true)}>
            {t('editRoom')}
          </Button>
        )}
        {mayEdit && avatarDeeds}
        {room.my_role && room.kind === 'room' && (
          <Button wide icon={<LogOut size={16} />} onClick={() => setAsking('leave')}>
            {t('leave')}
          </Button>
        )}
        {mayDelete && (
          <Button wide variant="caution" icon={<Trash2 size={16} />} onClick={() => setAsking('delete')}>
            {t('deleteRoom')}
          </Button>
        )}
      </div>
      <ConfirmDialog
        open={asking === 'leave'}
        onClose={() => setAsking(undefined)}
        title={t('leaveTitle', { room: title })}
        confirmLabel={t('leave')}
        onConfirm={() => run(() => leaveRoom(room.id))}
      >
        {room.is_private ? t('leavePrivate') : t('leavePublic')}
      </ConfirmDialog>
      <ConfirmDialog
        open={asking === 'delete'}
        onClose={() => setAsking(undefined)}
        title={t('deleteTitle', { room: title })}
        confirmLabel={t('deleteRoom')}
        danger
        onConfirm={() => run(() => deleteRoom(room.id))}
      >
        {t('deleteText')}
      </ConfirmDialog>
    </div>
  );
}
