/** Finding public rooms by name, and joining them. */
import { Lock, Search, Users } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Room } from '../../gen/wire';
import { http, joinRoom } from '../../net';
import { Button, Dialog, EmptyState, ErrorState, RoomTile, SkeletonRows, toast, useRefusals } from '../../ui';
import './rooms.css';

const TYPING_PAUSE_MS = 180;

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
  const t = useTranslations('rooms');
  return (
    <Dialog open={open} onClose={onClose} title={t('browseTitle')} placement="top">
      <Finder onClose={onClose} onOpen={onOpen} onCreate={onCreate} />
    </Dialog>
  );
}

function Finder({ onClose, onOpen, onCreate }: { onClose(): void; onOpen(roomId: number): void; onCreate(): void }) {
  const t = useTranslations('rooms');
  const refusals = useRefusals();
  const [name, setName] = useState('');
  const [attempt, setAttempt] = useState(0);
  const [found, setFound] = useState<readonly Room[]>();
  const [failed, setFailed] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => search.current?.focus(), []);
  const [joining, setJoining] = useState<number>();

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks the same question again
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(
      () => {
        http.searchRooms(name.trim()).then(
          (rooms) => {
            if (stale) return;
            setFailed(false);
            setFound(rooms.filter((room) => room.kind === 'room'));
          },
          () => !stale && setFailed(true),
        );
      },
      name === '' ? 0 : TYPING_PAUSE_MS,
    );
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [name, attempt]);

  const enter = async (room: Room) => {
    if (!room.my_role) {
      setJoining(room.id);
      try {
        await joinRoom(room.id);
      } catch (error) {
        toast({
          text: refusals.say(error, t('joinFailed')),
          tone: 'error',
        });
        return;
      } finally {
        setJoining(undefined);
      }
    }
    onClose();
    onOpen(room.id);
  };

  return (
    <div className="rb">
      <label className="rb-search">
        <Search size={16} aria-hidden="true" />
        <span className="ui-hidden">{t('browseSearch')}</span>
        <input
          ref={search}
          type="search"
          value={name}
          placeholder={t('browseSearch')}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      {failed && <ErrorState title={t('browseFailed')} onRetry={() => setAttempt(attempt + 1)} />}
      {!failed && !found && <SkeletonRows rows={4}>{t('loading')}</SkeletonRows>}
      {!failed && found?.length === 0 && (
        <EmptyState
          title={name.trim() ? t('browseNone', { name: name.trim() }) : t('browseEmpty')}
          action={
            <Button
              variant="primary"
              onClick={() => {
                onClose();
                onCreate();
              }}
            >
              {t('create')}
            </Button>
          }
        />
      )}
      {!failed && found && found.length > 0 && (
        <ul className="rb-list">
          {found.map((room) => (
            <li key={room.id}>
              <RoomTile id={room.id} name={room.name} size={36} />
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
              <Button
                size="small"
                variant={room.my_role ? 'quiet' : 'primary'}
                busy={joining === room.id}
                aria-label={room.my_role ? t('openNamed', { room: room.name }) : t('joinNamed', { room: room.name })}
                onClick={() => void enter(room)}
              >
                {room.my_role ? t('open') : t('join')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
