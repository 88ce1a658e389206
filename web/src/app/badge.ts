/** Unread in the page's title, its icon and the installed app's badge. */
import { useEffect } from 'react';
import { useRoute } from 'wouter';
import { isolated } from '../lib/bidi';
import { titleOf, unreadTotals, useChat, useSession } from '../state';
import { useServerName } from './server-facts';

const PLAIN_ICON = '/favicon.svg';
const DOT_ICON = '/favicon-unread.svg';

export function useBadge(): void {
  const rooms = useChat((chat) => chat.rooms);
  const users = useChat((chat) => chat.users);
  const me = useSession((session) => session.me);
  const [inRoom, params] = useRoute<{ room: string }>('/r/:room/*?');
  const room = inRoom ? rooms[Number(params.room)] : undefined;
  const { count, any } = unreadTotals(rooms);
  const name = room ? titleOf(room, users, me) : '';
  const mark = count > 0 ? `(${count}) ` : any ? '• ' : '';
  useTitle(`${mark}${name ? `${isolated(name)} · ` : ''}`);

  useEffect(() => {
    document.querySelector('link[rel=icon]')?.setAttribute('href', any ? DOT_ICON : PLAIN_ICON);
    // Only an installed app has a badge, and only some systems draw it.
    const badge = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
    badge?.catch(() => undefined);
  }, [count, any]);
}

/** Names the page after the server, with something before it; afterwards with nothing before it. */
export function useTitle(before = ''): void {
  const server = useServerName();
  useEffect(() => {
    document.title = `${before}${server}`;
    return () => {
      document.title = server;
    };
  }, [before, server]);
}
