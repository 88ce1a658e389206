/** One room on its sheet: head, conversation, composer, and the panel beside it, which is part of the address. */
import { ArrowLeft } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useLocation, useSearch } from 'wouter';
import { Composer, type ComposerHandle } from '../features/composer';
import { RoomHeader, RoomIntro } from '../features/rooms';
import { FilesContext, Timeline } from '../features/timeline';
import { stepBack } from '../lib/back';
import { usePageKeys } from '../lib/keys';
import { ApiError, loadMembers, lookAtRoom, openDirect } from '../net';
import { atLeast, placeOf, titleOf, useChat, useConnection, useLoads, useSession } from '../state';
import { Boundary, Button, EmptyState, ErrorState, IconButton, SkeletonRows, toast } from '../ui';
import { emoji } from './emoji';
import { Attachments, Files, Viewer } from './files';
import { rememberRoom } from './last-room';
import { Leftovers } from './leftovers';
import { Panel, type PanelName } from './panel';
import type { Overlay } from './shell';
import { lazyWithWords } from './words';

const Profile = lazyWithWords(() => import('./profile'), {
  wanted: ({ shown }) => shown !== undefined,
  place: 'notice',
});
// Fetched while the line is good; until it is there, the foot of the desk says how the line does.
const ConnectionBar = lazyWithWords(() => import('./connection-bar'), {
  wanted: ({ down }) => down,
  place: 'nowhere',
});
const PreviewBar = lazyWithWords(() => import('../features/rooms/preview'));
const AddPeople = lazyWithWords(() => import('./add-people'), { wanted: ({ open }) => open, place: 'notice' });

export function RoomScreen({
  roomId,
  seq,
  onOverlay,
}: {
  roomId: number;
  seq?: number | undefined;
  onOverlay(overlay: Overlay): void;
}) {
  const t = useTranslations('app');
  const rooms = useTranslations('rooms');
  const room = useChat((chat) => chat.rooms[roomId]);
  const users = useChat((chat) => chat.users);
  const me = useSession((session) => session.me);
  const down = useConnection(({ downSince }) => downSince !== null);
  const loaded = useLoads((loads) => loads.rooms === 'ready');
  const [, navigate] = useLocation();
  const search = useSearch();
  const panel = panelOf(search);
  const composer = useRef<ComposerHandle>(null);
  const [missing, setMissing] = useState<'gone' | 'unreachable'>();
  const [looks, setLooks] = useState(0);
  const [profile, setProfile] = useState<{ userId: number; anchor: Element }>();
  const [adding, setAdding] = useState(false);
  const members = useChat((chat) => chat.members[roomId]);

  // A room that is not mine may still be a public one to look at.
  const unknown = loaded && !room;
  // biome-ignore lint/correctness/useExhaustiveDependencies: who asks again looks again
  useEffect(() => {
    setMissing(undefined);
    if (!unknown) return;
    // No server knows a room by a word.
    if (!Number.isSafeInteger(roomId)) {
      setMissing('gone');
      return;
    }
    let stale = false;
    lookAtRoom(roomId).catch((error: unknown) => {
      if (!stale) setMissing(error instanceof ApiError && error.unreachable ? 'unreachable' : 'gone');
    });
    return () => {
      stale = true;
    };
  }, [unknown, roomId, looks]);

  const place = placeOf(roomId);
  const known = room !== undefined;
  const mine = Boolean(room?.my_role);
  useEffect(() => {
    if (mine) rememberRoom(roomId);
  }, [mine, roomId]);
  // Their names are wanted also by who only looks.
  useEffect(() => {
    if (known && !useChat.getState().members[roomId]) void loadMembers(roomId);
  }, [known, roomId]);

  const path = seq === undefined ? `/r/${roomId}` : `/r/${roomId}/m/${seq}`;
  const setPanel = (next: PanelName | undefined) => {
    if (!next && opensPanel()) stepBack();
    else if (!next) navigate(path, { replace: true });
    // Another panel takes the place of the one that is open: closed, neither comes again by Back.
    else navigate(`${path}?panel=${next}`, panel ? { replace: true, state: history.state } : { state: PANEL_STEP });
  };
  const toggle = (next: PanelName) => setPanel(panel === next ? undefined : next);
  usePageKeys({ panel: () => toggle(panel ?? 'details') });
  const compose = useCallback(() => composer.current?.focus(), []);

  const openProfile = useCallback((userId: number, anchor: Element) => setProfile({ userId, anchor }), []);
  const jump = useCallback((to: number) => navigate(`/r/${roomId}/m/${to}`), [navigate, roomId]);
  const latest = useCallback(() => navigate(`/r/${roomId}`), [navigate, roomId]);
  const message = async (userId: number) => {
    try {
      navigate(`/r/${(await openDirect(userId)).id}`);
    } catch {
      toast({ text: t('unreachable'), tone: 'error' });
    }
  };

  if (!room) {
    return (
      <main className="sheet" id="sheet">
        <IconButton className="sheet-back" label={rooms('back')} onClick={() => navigate('/')}>
          <ArrowLeft size={20} />
        </IconButton>
        <Leftovers roomId={roomId} />
        {missing === 'gone' && (
          <EmptyState
            heading
            title={t('roomGone')}
            action={
              <Button variant="primary" onClick={() => onOverlay('browse')}>
                {t('browse')}
              </Button>
            }
          >
            {t('roomGoneHint')}
          </EmptyState>
        )}
        {missing === 'unreachable' && (
          <ErrorState title={t('unreachable')} onRetry={() => setLooks(looks + 1)}>
            {t('unreachableHint')}
          </ErrorState>
        )}
        {!missing && (
          <div className="sheet-loading">
            <SkeletonRows />
          </div>
        )}
      </main>
    );
  }

  const title = titleOf(room, users, me);
  const mayEdit = atLeast(room.my_role, 'admin');
  return (
    <>
      <main className="sheet" id="sheet" data-pane="" data-landmark="textarea, [tabindex='0'], button" tabIndex={-1}>
        <RoomHeader room={room} panel={panel} onPanel={toggle} onBack={() => navigate('/')} onProfile={openProfile} />
        <Boundary resetKey={roomId}>
          <FilesContext value={Attachments}>
            <Timeline
              place={place}
              room={room}
              jumpTo={seq}
              intro={
                <RoomIntro
                  room={room}
                  mayEdit={mayEdit}
                  onInvite={() => setAdding(true)}
                  onDetails={() => setPanel('details')}
                />
              }
              onJump={jump}
              onLatest={latest}
              onOpenProfile={openProfile}
              onCompose={compose}
            />
          </FilesContext>
        </Boundary>
        <div className="dock">
          <ConnectionBar down={down} />
          <Leftovers roomId={roomId} known />
          {room.my_role ? (
            <Composer ref={composer} place={place} room={room} title={title} emoji={emoji} Files={Files} />
          ) : (
            <PreviewBar room={room} />
          )}
        </div>
      </main>
      {panel && (
        <Panel
          name={panel}
          room={room}
          onClose={() => setPanel(undefined)}
          onProfile={openProfile}
          onMessage={(userId) => void message(userId)}
          onAdd={() => setAdding(true)}
          onGone={() => navigate('/')}
        />
      )}
      <Profile
        shown={profile}
        role={members?.find((member) => member.user.id === profile?.userId)?.role}
        onClose={() => setProfile(undefined)}
        onMessage={(userId) => {
          setProfile(undefined);
          void message(userId);
        }}
      />
      <Viewer place={place} onJump={jump} />
      <AddPeople roomId={roomId} title={title} open={adding} onClose={() => setAdding(false)} />
    </>
  );
}

/** Marks the step of the history that opened a panel: the room without it is one step before. */
const PANEL_STEP = { panel: true };

function opensPanel(): boolean {
  return (history.state as Partial<typeof PANEL_STEP> | null)?.panel === true;
}

function panelOf(search: string): PanelName | undefined {
  const name = new URLSearchParams(search).get('panel');
  return name === 'members' || name === 'files' || name === 'details' ? name : undefined;
}
