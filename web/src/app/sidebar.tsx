/** The desk: whose workspace this is, where to go, who I am. */
import {
  ArrowDownAZ,
  ClockArrowDown,
  Compass,
  Ellipsis,
  Keyboard,
  ListFilter,
  LogOut,
  MessageCirclePlus,
  Plus,
  Search,
  Settings,
} from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Link } from 'wouter';
import { useShallow } from 'zustand/react/shallow';
import { RoomList, showUnreadOnly, sortRooms, useDesk } from '../features/rooms';
import { keysOf, useOwnKeys } from '../lib/keys';
import { refreshRooms } from '../net';
import { nameOf, useChat, useConnection, useLoads, useSession, useSteps } from '../state';
import { Avatar, BrandMark, Button, IconButton, Kbd, lazyPart, MenuButton, type MenuSection } from '../ui';
import { NewVersion } from './new-version';
import { useServerFacts } from './server-facts';
import type { Overlay } from './shell';

const Backstage = lazyPart(() => import('./backstage'), { place: 'nowhere' });
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

  const menu: MenuSection[] = [
    {
      id: 'rooms',
      items: [
        { id: 'create', label: t('createRoom'), icon: <Plus />, onAction: () => onOverlay('create') },
        { id: 'browse', label: t('browse'), icon: <Compass />, onAction: () => onOverlay('browse') },
        {
          id: 'direct',
          label: t('startDirect'),
          icon: <MessageCirclePlus />,
          onAction: () => onOverlay('direct'),
        },
      ],
    },
    {
      id: 'list',
      items: [
        {
          id: 'sort',
          label: desk.sort === 'name' ? t('sortRecent') : t('sortName'),
          icon: desk.sort === 'name' ? <ClockArrowDown /> : <ArrowDownAZ />,
          onAction: () => sortRooms(desk.sort === 'name' ? 'recent' : 'name'),
        },
      ],
    },
    {
      id: 'more',
      items: [
        {
          id: 'help',
          label: t('keyboardHelp'),
          icon: <Keyboard />,
          keys: keysOf('page', 'help'),
          onAction: () => onOverlay('help'),
        },
        { id: 'logout', label: t('logOut'), icon: <LogOut />, onAction: () => onOverlay('leave') },
      ],
    },
  ];

  return (
    <nav className="desk" aria-label={t('roomsLandmark')} data-landmark="[aria-current], a">
      <div className="desk-head">
        <BrandMark size={22} />
        <Title>{server?.name ?? 'Chinwag'}</Title>
        <MenuButton size="small" label={t('menu')} icon={<Ellipsis size={17} />} sections={menu} />
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
            <Avatar id={me.id} name={name} size={32} presence={online ? 'online' : 'offline'} />
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
