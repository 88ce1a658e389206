/** What happened in the room, in the reader's language; the server's own words where this client has none. */
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Message } from '../../gen/wire';
import { nameOf, useChat } from '../../state';

const KNOWN = ['user_joined', 'user_left', 'user_kicked', 'user_added', 'room_created', 'room_renamed'] as const;
type Known = (typeof KNOWN)[number];

function known(event: string | null | undefined): event is Known {
  return KNOWN.some((name) => name === event);
}

export function SystemText({ message, me }: { message: Message; me: number }) {
  const t = useTranslations('timeline.system');
  const who = useChat((chat) => nameOf(chat.users[message.user_id]) || message.username);
  const actor = useChat((chat) => (message.actor_id ? nameOf(chat.users[message.actor_id]) : ''));
  const { event } = message;
  if (!known(event)) return <>{message.content}</>;
  const bold = (chunks: ReactNode) => <b>{chunks}</b>;
  return t.rich(event, {
    b: bold,
    name: who,
    actor,
    hasActor: actor ? 'yes' : 'no',
    room: message.content,
    self: message.user_id === me ? 'yes' : 'no',
  });
}
