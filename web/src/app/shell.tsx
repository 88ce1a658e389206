/** The page of somebody who is in: the desk with its list, the sheet with the room, the panel beside it. */
import { type CSSProperties, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Redirect, Route, Switch, useLocation, useRoute } from 'wouter';
import { roomBeside, useDesk } from '../features/rooms';
import { usePageKeys } from '../lib/keys';
import { countLeft, isUnread, myRooms, useChat, useConnection, useLoads, useSession } from '../state';
import { Boundary, Button, EmptyState, lazyCode } from '../ui';
import { useBadge } from './badge';
import { useDeskWidth } from './desk-width';
import type * as Deeds from './key-deeds';
import { lastRoom } from './last-room';
import { RoomScreen } from './room-screen';
import { logOut } from './session';
import { Sidebar } from './sidebar';
import { lazyWithWords } from './words';

const Dialogs = lazyWithWords(() => import('./dialogs'), {
  wanted: ({ overlay }) => overlay !== undefined,
  place: 'notice',
});
const Ended = lazyWithWords(() => import('./ended'), { wanted: ({ open }) => open, place: 'notice' });
const SettingsScreen = lazyWithWords(() => import('./settings-screen'));
const FilesScreen = lazyWithWords(() => import('./files-screen'));

const deeds = lazyCode(() => import('./key-deeds'));
/** Where their code does not come one can do without. */
const withDeeds = (act: (code: typeof Deeds) => void) => void deeds().then(act, () => undefined);

export type Overlay = 'create' | 'browse' | 'direct' | 'jump' | 'help' | 'leave';

export default function Shell() {
  const t = useTranslations('app');
  const [path, navigate] = useLocation();
  const [inRoom, params] = useRoute<{ room: string }>('/r/:room/*?');
  const roomId = inRoom ? Number(params.room) : undefined;
  const [overlay, setOverlay] = useState<Overlay>();
  const over = useOver();
  const desk = useDeskWidth((state) => state.width);
  useBadge();

  const open = (id: number) => navigate(`/r/${id}`);
  const close = () => setOverlay(undefined);
  const away = async () => {
    await logOut();
    if (location.pathname.startsWith('/settings')) navigate('/');
  };
  const show = (next: Overlay) => (next === 'leave' && countLeft() === 0 ? void away() : setOverlay(next));
  const step = (by: 1 | -1, unreadOnly: boolean) => {
    const { rooms } = useChat.getState();
    const order = useDesk.getState().shown.flatMap((id) => rooms[id] ?? []);
    const next = roomBeside(order, roomId, by, (room) => !unreadOnly || isUnread(room));
    if (next) open(next.id);
  };
  usePageKeys({
    jump: () => setOverlay('jump'),
    nextRoom: () => step(1, false),
    previousRoom: () => step(-1, false),
    nextUnread: () => step(1, true),
    previousUnread: () => step(-1, true),
    readAll: () => withDeeds(({ readAll }) => readAll()),
    help: () => setOverlay('help'),
    landmark: () => withDeeds(({ moveLandmark }) => moveLandmark(1)),
    previousLandmark: () => withDeeds(({ moveLandmark }) => moveLandmark(-1)),
  });

  return (
    <>
      <Switch>
        <Route path="/settings/*?">
          {(matched) => <SettingsScreen page={matched['*'] ?? ''} onLogOut={() => show('leave')} />}
        </Route>
        <Route>
          <div
            className="shell"
            data-view={path === '/' ? 'list' : 'room'}
            style={{ '--desk': `${desk}px` } as CSSProperties}
          >
            <a className="skip" href="#sheet">
              {t('skip')}
            </a>
            <Boundary>
              <Sidebar current={roomId} onOverlay={show} />
            </Boundary>
            <Switch>
              <Route path="/r/:room/m/:seq">
                {({ room, seq }) => (
                  <RoomScreen key={room} roomId={Number(room)} seq={Number(seq)} onOverlay={setOverlay} />
                )}
              </Route>
              <Route path="/r/:room">
                {({ room }) => <RoomScreen key={room} roomId={Number(room)} onOverlay={setOverlay} />}
              </Route>
              <Route path="/files" component={FilesScreen} />
              <Route path="/">
                <Home onOverlay={setOverlay} />
              </Route>
              <Route>
                <Redirect to="/" replace />
              </Route>
            </Switch>
          </div>
        </Route>
      </Switch>
      <Dialogs overlay={overlay} onOverlay={show} onClose={close} onLogOut={away} />
      <Ended open={over} />
    </>
  );
}

/** Whether this session can go on only after another login. */
function useOver(): boolean {
  const ended = useSession((session) => session.status === 'ended');
  return useConnection(({ link }) => link.phase === 'ended' && link.reason !== 'stopped') || ended;
}

/** No room in the address: the last one on a wide screen, the list on a phone. */
function Home({ onOverlay }: { onOverlay(overlay: Overlay): void }) {
  const t = useTranslations('app');
  const loaded = useLoads((loads) => loads.rooms === 'ready');
  const rooms = useChat((chat) => chat.rooms);
  const [wide, setWide] = useState(() => matchMedia('(min-width: 760px)').matches);
  useEffect(() => {
    const media = matchMedia('(min-width: 760px)');
    const follow = () => setWide(media.matches);
    media.addEventListener('change', follow);
    return () => media.removeEventListener('change', follow);
  }, []);
  const mine = myRooms(rooms);
  const last = lastRoom();
  const target = mine.find((room) => room.id === last) ?? mine[0];
  if (wide && loaded && target) return <Redirect to={`/r/${target.id}`} replace />;
  return (
    <main className="sheet" id="sheet" data-landmark="button">
      {loaded && mine.length === 0 && (
        <EmptyState
          title={t('noRooms')}
          action={
            <>
              <Button variant="primary" onClick={() => onOverlay('browse')}>
                {t('browse')}
              </Button>
              <Button onClick={() => onOverlay('create')}>{t('createRoom')}</Button>
            </>
          }
        >
          {t('noRoomsHint')}
        </EmptyState>
      )}
    </main>
  );
}
