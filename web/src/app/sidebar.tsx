/** The desk: whose workspace this is, where to go, who I am. */
import { Compass, Ellipsis, ListFilter, Paperclip, Search, Settings } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Link, useRoute } from 'wouter';
import { useShallow } from 'zustand/react/shallow';
import { RoomList, showUnreadOnly, useDesk } from '../features/rooms';
import { keysOf, useOwnKeys } from '../lib/keys';
import { refreshRooms } from '../net';
import { nameOf, useChat, useConnection, useLoads, useSession, useSteps } from '../state';
import { Avatar, BrandMark, Button, IconButton, Kbd, lazyPart, MenuButton } from '../ui';
import { NewVersion } from './new-version';
import { useServerFacts } from './server-facts';
import type { Overlay } from './shell';
import { lazyWithWords } from './words';

const Backstage = lazyPart(() => import('./backstage'), { place: 'nowhere' });
const DeskMenu = lazyWithWords(() => import('./desk-menu'), { wanted: ({ open }) => open, place: 'notice' });
const DeskEdge = lazyPart(() => import('./desk-edge'), { place: 'nowhere' });

export function Sidebar({ current, onOverlay }: { current: number | undefined; onOverlay(overlay: Overlay): void }) {
  const t = useTranslations('app');
  const loading = useLoads((loads) => loads.rooms);
  const me = useSession((session) => session.me);
  const link = useConnection((connection) => connection.link);
  useOwnKeys();
  const { sends, changes } = useSteps();
  // In a room one is in no more, nothing will be sent: its words wait there to be copied.
  const stuck = useChat(
    useShallow((chat) =>
      [...sends, ...changes].filter(
        ({ kind, state, room_id }) =>
          kind !== 'recall' &&
          (state === 'failed' || (state === 'queued' && loading === 'ready' && !chat.rooms[room_id]?.my_role)),
      ),
    ),
  );
  const failed = stuck.length;
  const failedRoom = stuck[0]?.room_id;
  const desk = useDesk();
  const { server } = useServerFacts();
  const name = nameOf(me ?? undefined);
  // Where no room is open, this is what the page is about.
  const Title = current === undefined ? 'h1' : 'b';
  const online = link.phase === 'connected';
  const [onFiles] = useRoute('/files');

  return (
    <nav className="desk" aria-label={t('roomsLandmark')} data-landmark="[aria-current], [data-room]">
      <div className="desk-head">
        <BrandMark size={22} />
        <Title>{server?.name ?? 'Chinwag'}</Title>
        <MenuButton
          size="small"
          label={t('menu')}
          icon={<Ellipsis size={17} />}
          menu={(shown) => <DeskMenu {...shown} onOverlay={onOverlay} />}
        />
      </div>
      <div className="desk-find">
        <button type="button" className="desk-jump" onClick={() => onOverlay('jump')}>
          <Search size={15} aria-hidden="true" />
          <span>{t('jump')}</span>
          <Kbd keys={keysOf('page', 'jump')} />
        </button>
        <IconButton label={t('unreadOnly')} pressed={desk.unreadOnly} onClick={() => showUnreadOnly(!desk.unreadOnly)}>
          <ListFilter size={17} />
        </IconButton>
      </div>
      <Link href="/files" className="desk-files" aria-current={onFiles ? 'page' : undefined}>
        <Paperclip size={17} aria-hidden="true" />
        {t('panel.files')}
      </Link>
      {failed > 0 && failedRoom !== undefined && (
        <Link className="desk-failed" href={`/r/${failedRoom}`}>
          {t('unsent', { count: failed })}
        </Link>
      )}
      {loading === 'failed' ? (
        <div className="desk-error">
          <p>{t('roomsFailed')}</p>
          <Button size="small" onClick={() => void refreshRooms().catch(() => undefined)}>
            {t('retry')}
          </Button>
        </div>
      ) : (
        <RoomList
          current={current}
          loading={loading !== 'ready'}
          foot={
            <button type="button" className="desk-browse" onClick={() => onOverlay('browse')}>
              <Compass size={17} aria-hidden="true" />
              {t('browse')}
            </button>
          }
          onCreate={() => onOverlay('create')}
          onStartDirect={() => onOverlay('direct')}
        />
      )}
      <NewVersion />
      <Backstage />
      {me && (
        <div className="desk-foot">
          <Link href="/settings/profile" className="desk-me">
            <Avatar id={me.id} name={name} size={32} presence={online ? 'online' : 'offline'} src={me.avatar_url} />
            <span>
              <b>{name}</b>
              <small>{online ? me.status_text || t('online') : t(`link.${link.phase}`)}</small>
              <span className="ui-hidden">{t('ownProfile')}</span>
            </span>
          </Link>
          <Link href="/settings" className="ui-icon-button" aria-label={t('settings')} data-tip={t('settings')}>
            <Settings size={18} />
          </Link>
        </div>
      )}
      <DeskEdge />
    </nav>
  );
}
