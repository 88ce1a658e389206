/** Finding public rooms by name, and joining them. */
import { Lock, Users } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Room } from '../../gen/wire';
import { findRooms as roomsCalled } from '../../net/find';
import { joinRoom } from '../../net/rooms';
import { Button, EmptyState, RoomTile, toast, useRefusals } from '../../ui';
import { FinderDialog } from './finder';

const findRooms = async (name: string) => (await roomsCalled(name)).filter((room) => room.kind === 'room');

export function BrowseRooms({
  open,
  onClose,
  onOpen,
  onCreate,
}: {
  open: boolean;
  onClose(): void;
  onOpen(roomId: number): void;
  onCreate(): void;
}) {
  const t = useTranslations('roomDialogs');
  const leaveFor = (next: () => void) => {
    onClose();
    next();
  };
  return (
    <FinderDialog
      open={open}
      onClose={onClose}
      title={t('browseTitle')}
      label={t('browseSearch')}
      find={findRooms}
      failed={t('browseFailed')}
      none={(name) => (
        <EmptyState
          title={name ? t('browseNone', { name }) : t('browseEmpty')}
          action={
            <Button variant="primary" onClick={() => leaveFor(onCreate)}>
              {t('create')}
            </Button>
          }
        />
      )}
      row={(room) => <FoundRoom room={room} onOpen={() => leaveFor(() => onOpen(room.id))} />}
    />
  );
}

function FoundRoom({ room, onOpen }: { room: Room; onOpen(): void }) {
  const t = useTranslations('roomDialogs');
  const refusals = useRefusals();
  const [joining, setJoining] = useState(false);

  const join = async () => {
    setJoining(true);
    try {
      await joinRoom(room.id);
      onOpen();
    } catch (error) {
      toast({ text: refusals.say(error, t('joinFailed')), tone: 'error' });
    } finally {
      setJoining(false);
    }
  };

  return (
    <>
      <RoomTile id={room.id} name={room.name} size={36} src={room.avatar_url} />
      <div className="rb-text">
        <b>
          {room.name} {room.is_private && <Lock size={12} aria-label={t('private')} />}
        </b>
        {room.description && <span>{room.description}</span>}
      </div>
      <span className="rb-count">
        <Users size={14} aria-hidden="true" />
        <span className="ui-hidden">{t('memberCount', { count: room.member_count })}</span>
        <span aria-hidden="true">{room.member_count}</span>
      </span>
      {room.my_role ? (
        <Button size="small" aria-label={t('openNamed', { room: room.name })} onClick={onOpen}>
          {t('open')}
        </Button>
      ) : (
        <Button
          size="small"
          variant="primary"
          busy={joining}
          aria-label={t('joinNamed', { room: room.name })}
          onClick={() => void join()}
        >
          {t('join')}
        </Button>
      )}
    </>
  );
}
