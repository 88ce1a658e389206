/** Who sent a file, when and where, as it is told beside it. */
import { useEffect } from 'react';
import { useLocale } from 'use-intl';
import type { FileRow } from '../../gen/wire';
import { clockTime } from '../../lib/time';
import { meetRoom } from '../../net/file-lists';
import { nameOf, titleOf, useChat, useLook, useSession } from '../../state';

export interface Said {
  readonly person: string;
  readonly time: string;
  /** Empty until the room is known. */
  readonly room: string;
}

export function useSaid({ user_id, username, created_at, room_id }: FileRow): Said {
  const locale = useLocale();
  const clock = useLook((look) => look.clock);
  const me = useSession((session) => session.me);
  const person = useChat((chat) => nameOf(chat.users[user_id]) || username);
  const room = useChat((chat) => {
    const room = chat.rooms[room_id];
    return room ? titleOf(room, chat.users, me) : '';
  });
  useEffect(() => meetRoom(room_id), [room_id]);
  return { person, time: clockTime(created_at, locale, clock), room };
}
