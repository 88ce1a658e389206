/** The session is over while the page stands: log in again on the spot, drafts and unsent words stay. */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { SessionEndedDialog } from '../features/auth';
import { http, socket } from '../net';
import { countLeft, nameOf, useConnection, useSession } from '../state';
import { enter } from './enter';
import { LeaveDialog } from './leave';
import { leave } from './session';

export default function Ended({ open }: { open: boolean }) {
  const t = useTranslations('ended');
  const me = useSession((session) => session.me);
  const [asking, setAsking] = useState(false);
  const link = useConnection((connection) => connection.link);
  const reason = link.phase === 'ended' ? link.reason : undefined;
  if (!me) return null;
  return (
    <>
      <SessionEndedDialog
        open={open}
        user={{ id: me.id, name: nameOf(me), username: me.username, picture: me.avatar_url }}
        {...(reason && reason !== 'session_ended' && reason !== 'stopped' ? { reason: t(reason) } : {})}
        onLogin={async (values) => {
          const { user } = await http.logIn(values);
          socket.stop();
          await enter(user);
        }}
        onLogout={() => (countLeft() > 0 ? setAsking(true) : void leave())}
      />
      <LeaveDialog open={asking} onClose={() => setAsking(false)} onLeave={leave} />
    </>
  );
}
