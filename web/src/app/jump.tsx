/** Ctrl+K: rooms, people and actions, gathered for the jump dialog. */
import { Compass, Keyboard, LogOut, MessageCirclePlus, Moon, Paperclip, Plus, Settings, Sun } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import { QuickSwitch, type SwitchTarget, type Wanted } from '../features/quick-switch';
import type { Presence, Room } from '../gen/wire';
import { keysOf } from '../lib/keys';
import { openDirect } from '../net';
import { findRooms, findUsers } from '../net/find';
import {
  countOf,
  isUnread,
  myRooms,
  nameOf,
  type Person,
  peerOf,
  pictureOf,
  titleOf,
  useChat,
  useLook,
  usePresence,
  useSession,
} from '../state';
import { toast } from '../ui';
import { lastRoom, previousRoom } from './last-room';
import { isDark } from './look';
import type { Overlay } from './shell';

export function Jump({
  open,
  onClose,
  onOverlay,
}: {
  open: boolean;
  onClose(): void;
  onOverlay(overlay: Overlay): void;
}) {
  const t = useTranslations('app');
  const jump = useTranslations('quickSwitch');
  const menu = useTranslations('deskMenu');
  const [, navigate] = useLocation();
  const chat = useChat();
  const presence = usePresence((state) => state.people);
  const me = useSession((session) => session.me);
  const theme = useLook((look) => look.theme);

  const talk = useCallback(
    (userId: number) =>
      void openDirect(userId).then(
        (room) => navigate(`/r/${room.id}`),
        () => toast({ text: t('unreachable'), tone: 'error' }),
      ),
    [navigate, t],
  );
  const personTarget = useCallback(
    (person: Person, shown: Presence | undefined): SwitchTarget => ({
      kind: 'person',
      key: `u${person.id}`,
      id: person.id,
      picture: person.avatar_url,
      name: nameOf(person),
      username: person.username,
      aliases: [person.username],
      presence: shown,
      onChoose: () => talk(person.id),
    }),
    [talk],
  );
  const find = useCallback(
    async ({ words, kind }: Wanted): Promise<SwitchTarget[]> => {
      const [people, rooms] = await Promise.all([
        kind === 'room' ? [] : findUsers(words),
        kind === 'person' ? [] : findRooms(words),
      ]);
      return [
        ...rooms
          .filter((room) => room.kind === 'room')
          .map(
            (room): SwitchTarget => ({
              kind: 'room',
              key: `r${room.id}`,
              id: room.id,
              picture: room.avatar_url,
              name: room.name,
              detail: room.description,
              onChoose: () => navigate(`/r/${room.id}`),
            }),
          ),
        ...people
          .filter((person) => person.id !== me?.id && !person.deactivated)
          .map((person) => personTarget(person, person.presence)),
      ];
    },
    [navigate, personTarget, me],
  );

  const targets = useMemo((): SwitchTarget[] => {
    if (!open) return [];
    const mine = myRooms(chat.rooms);
    const [here, before] = [lastRoom(), previousRoom()];
    // The way back comes first, and where one is already last.
    const usedAt = (room: Room) => {
      if (room.id === before) return Number.MAX_SAFE_INTEGER;
      return room.id === here ? 0 : Date.parse(room.last_message?.created_at ?? room.created_at);
    };
    const spoken = new Set<number>();
    const places = mine.map((room): SwitchTarget => {
      const title = titleOf(room, chat.users, me);
      const peer = peerOf(room);
      const shared = {
        name: title,
        picture: pictureOf(room, chat.users),
        lastUsed: usedAt(room),
        unread: isUnread(room),
        mentions: countOf(room),
        onChoose: () => navigate(`/r/${room.id}`),
      };
      if (peer) {
        spoken.add(peer.id);
        const person = presence[peer.id]?.presence ?? 'offline';
        return {
          kind: 'person',
          key: `r${room.id}`,
          id: peer.id,
          username: peer.username,
          presence: person,
          ...shared,
        };
      }
      return { kind: 'room', key: `r${room.id}`, id: room.id, detail: room.description, ...shared };
    });
    const people = Object.values(chat.users)
      .filter((person) => person.id !== me?.id && !spoken.has(person.id) && !person.deactivated)
      .map((person) => personTarget(person, presence[person.id]?.presence));
    const action = (
      key: string,
      name: string,
      icon: React.ReactNode,
      onChoose: () => void,
      keys?: string,
    ): SwitchTarget => ({
      kind: 'action',
      key: `a${key}`,
      name,
      icon,
      onChoose,
      ...(keys ? { keys } : {}),
    });
    const dark = isDark(theme);
    return [
      ...places,
      ...people,
      action('create', t('createRoom'), <Plus />, () => onOverlay('create')),
      action('browse', t('browse'), <Compass />, () => onOverlay('browse')),
      action('direct', t('startDirect'), <MessageCirclePlus />, () => onOverlay('direct')),
      action('files', t('panel.files'), <Paperclip />, () => navigate('/files')),
      action('theme', dark ? jump('lightTheme') : jump('darkTheme'), dark ? <Sun /> : <Moon />, () =>
        useLook.setState({ theme: dark ? 'light' : 'dark' }),
      ),
      action('settings', t('settings'), <Settings />, () => navigate('/settings')),
      action('help', menu('keyboardHelp'), <Keyboard />, () => onOverlay('help'), keysOf('page', 'help')),
      action('logout', menu('logOut'), <LogOut />, () => onOverlay('leave')),
    ];
  }, [open, chat, presence, me, theme, t, navigate, onOverlay, personTarget, jump, menu]);

  return <QuickSwitch open={open} onClose={onClose} targets={targets} find={find} />;
}
