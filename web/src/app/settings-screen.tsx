/** The settings, wired to the stores and calls. */
import { useRef } from 'react';
import { useLocation } from 'wouter';
import { PasswordForm } from '../features/auth';
import { AvatarDeeds } from '../features/avatars';
import { Settings } from '../features/settings';
import { learnMe } from '../net';
import { account } from '../net/account';
import { type Look, nameOf, useLook, useSession } from '../state';
import { useKeyGroups } from './key-groups';
import { lastRoom } from './last-room';
import { useServerFacts } from './server-facts';
import { leave } from './session';

export default function SettingsScreen({ page, onLogOut }: { page: string; onLogOut(): void }) {
  const me = useSession((session) => session.me);
  const look = useLook();
  const keys = useKeyGroups();
  const { server } = useServerFacts();
  const [, navigate] = useLocation();
  const sessions = useRef({ list: account.sessions, end: account.endSession, endOthers: account.endOtherSessions });
  if (!me) return null;

  const onLook = (change: Partial<Look>) => {
    useLook.setState(change);
    // Theme and language follow the person; size and density belong to the device.
    const { theme, locale } = change;
    if (theme !== undefined || locale !== undefined) {
      account
        .edit(me.id, { ...(theme ? { theme } : {}), ...(locale ? { locale } : {}) })
        .then(learnMe)
        .catch(() => undefined);
    }
  };

  return (
    <Settings
      page={page}
      me={me}
      look={look}
      onLook={onLook}
      onSaveProfile={async (change) => learnMe(await account.edit(me.id, change))}
      sessions={sessions.current}
      passwordForm={
        <PasswordForm
          own={[me.username, me.display_name, me.email ?? '']}
          least={server?.password_min ?? 6}
          strong={server?.password_policy === 'strong'}
          onChange={async (values) => {
            await account.changePassword(values);
          }}
        />
      }
      avatarDeeds={<AvatarDeeds owner={{ kind: 'user', id: me.id }} name={nameOf(me)} url={me.avatar_url} />}
      keys={keys}
      serverName={server?.name ?? 'Chinwag'}
      {...(server ? { people: server.people } : {})}
      onLogout={onLogOut}
      onDeactivate={async () => {
        await account.deactivate(me.id);
        await leave();
        navigate('/');
      }}
      onClose={() => {
        const room = lastRoom();
        navigate(room ? `/r/${room}` : '/');
      }}
    />
  );
}
