/** What happened in the room, in the reader's language; the server's own words where this client has none. */
import type { ReactNode } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import type { Message } from '../../gen/wire';
import { isolated } from '../../lib/bidi';
import { messageOf, nameOf, useChat } from '../../state';

/** A broadcast is told by its own content; an event that is forgotten here does not compile. */
type Known = Exclude<Message['event'], 'broadcast' | null | undefined>;
const KNOWN: Readonly<Record<Known, true>> = {
  user_joined: true,
  user_left: true,
  user_kicked: true,
  user_added: true,
  room_created: true,
  room_renamed: true,
};

function known(event: Message['event']): event is Known {
  return event != null && event in KNOWN;
}

/** So many names are told; of more, three and a number. */
const MOST_NAMES = 4;
const NOBODY: readonly number[] = [];

export function SystemText({
  message,
  also = NOBODY,
  me,
}: {
  message: Message;
  /** The ids of those before it. */
  also?: readonly number[] | undefined;
  me: number;
}) {
  const t = useTranslations('timeline.system');
  const timeline = useTranslations('timeline');
  const locale = useLocale();
  const all = [...also, message.id];
  const named = all.length > MOST_NAMES ? all.slice(0, MOST_NAMES - 1) : all;
  const more = all.length - named.length;
  const who = useChat((chat) => {
    const shown = named.flatMap((id) => messageOf(chat, message.room_id, id) ?? []);
    const names = shown.map((one) => isolated(nameOf(chat.users[one.user_id]) || one.username));
    if (names.length + more === 1) return names[0] ?? '';
    return new Intl.ListFormat(locale).format(more > 0 ? [...names, timeline('others', { count: more })] : names);
  });
  const actor = useChat((chat) => (message.actor_id ? nameOf(chat.users[message.actor_id]) : ''));
  const { event } = message;
  if (!known(event)) return <>{message.content}</>;
  const bold = (chunks: ReactNode) => <b>{chunks}</b>;
  return t.rich(event, {
    b: bold,
    name: who,
    actor,
    by: message.actor_id === me ? 'me' : actor ? 'another' : 'nobody',
    room: message.room_name ?? '',
    self: message.user_id === me ? 'yes' : 'no',
  });
}
