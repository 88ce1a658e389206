/** The card of a person, beside whatever was pressed. */
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import { ProfileCard } from '../features/profile';
import type { Role } from '../gen/wire';
import { loadUser } from '../net';
import { useChat, usePresence, useSession } from '../state';

export default function Profile({
  shown,
  role,
  onClose,
  onMessage,
}: {
  shown: { readonly userId: number; readonly anchor: Element } | undefined;
  role?: Role | undefined;
  onClose(): void;
  onMessage(userId: number): void;
}) {
  const t = useTranslations('members');
  const [, navigate] = useLocation();
  // The last person stays drawn while the card closes.
  const [last, setLast] = useState(shown);
  if (shown && shown !== last) setLast(shown);
  const userId = last?.userId ?? 0;
  const person = useChat((chat) => chat.users[userId]);
  const seen = usePresence((presence) => presence.people[userId]);
  const me = useSession((session) => session.me?.id);
  const [state, setState] = useState<'loading' | 'ready' | 'failed'>('loading');
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks again
  useEffect(() => {
    if (!shown) return;
    let stale = false;
    setState('loading');
    loadUser(shown.userId).then(
      () => !stale && setState('ready'),
      () => !stale && setState('failed'),
    );
    return () => {
      stale = true;
    };
  }, [shown, attempt]);

  if (!last) return null;
  return (
    <ProfileCard
      open={shown !== undefined}
      onClose={onClose}
      anchor={last.anchor}
      person={person ?? { id: userId, username: '' }}
      presence={seen?.presence}
      lastSeen={seen?.lastSeen}
      isMe={userId === me}
      role={role && role !== 'member' ? t(`role.${role}`) : undefined}
      loading={state === 'loading'}
      failed={state === 'failed'}
      onRetry={() => setAttempt(attempt + 1)}
      onMessage={() => onMessage(userId)}
      onEdit={() => navigate('/settings/profile')}
    />
  );
}
