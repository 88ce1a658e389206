/** Ctrl+K: rooms, people and actions, gathered for the jump dialog. */
import { Compass, Keyboard, LogOut, MessageCirclePlus, Moon, Plus, Settings, Sun } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import { QuickSwitch, type SwitchTarget } from '../features/quick-switch';
import { keysOf } from '../lib/keys';
import { openDirect } from '../net';
import {
  countOf,
  isUnread,
  myRooms,
  nameOf,
  peerOf,
  titleOf,
  useChat,
  useLook,
  usePresence,
  useSession,
} from '../state';
import { toast } from '../ui';
import { isDark } from './look';
import { logOut } from './session';
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
  const [, navigate] = useLocation();
  const chat = useChat();
  const presence = usePresence((state) => state.people);
  const me = useSession((session) => session.me);
  const theme = useLook((look) => look.theme);

  const targets = useMemo((): SwitchTarget[] => {
    if (!open) return [];
    const mine = myRooms(chat.rooms);
    const spoken = new Set<number>();
    const places = mine.map((room): SwitchTarget => {
      const title = titleOf(room, chat.users, me);
      const peer = peerOf(room);
      const shared = {
        name: title,
        lastUsed: Date.parse(room.last_message?.created_at ?? room.created_at),
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
      .map(
        (person): SwitchTarget => ({
          kind: 'person',
          key: `u${person.id}`,
          id: person.id,
          name: nameOf(person),
          username: person.username,
          aliases: [person.username],
          presence: presence[person.id]?.presence,
          onChoose: () =>
            void openDirect(person.id).then(
              (room) => navigate(`/r/${room.id}`),
              () => toast({ text: t('unreachable'), tone: 'error' }),
            ),
        }),
      );
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
      action('theme', dark ? t('lightTheme') : t('darkTheme'), dark ? <Sun /> : <Moon />, () =>
        useLook.setState({ theme: dark ? 'light' : 'dark' }),
      ),
      action('settings', t('settings'), <Settings />, () => navigate('/settings')),
      action('help', t('keyboardHelp'), <Keyboard />, () => onOverlay('help'), keysOf('page', 'help')),
      action('logout', t('logOut'), <LogOut />, () => void logOut()),
    ];
  }, [open, chat, presence, me, theme, t, navigate, onOverlay]);

  return <QuickSwitch open={open} onClose={onClose} targets={targets} />;
}
