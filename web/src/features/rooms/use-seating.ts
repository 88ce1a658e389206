/** Who is chosen to be seated, and what became of those who could not be. */
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '../../gen/wire';
import { forSeveral } from '../../lib/several';
import { seatMember } from '../../net/rooms';
import { nameOf } from '../../state';
import { toast, useRefusals } from '../../ui';

/** Calls under way at a time. */
const AT_ONCE = 4;

export interface Chosen {
  readonly user: User;
  /** Why this person could not be seated. */
  readonly refused?: string;
}

export function useSeating(roomId: number, onDone: () => void) {
  const t = useTranslations('roomDialogs');
  const refusals = useRefusals();
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [busy, setBusy] = useState(false);
  const open = useRef(true);
  useEffect(() => {
    open.current = true;
    return () => {
      open.current = false;
    };
  }, []);

  const choose = (user: User) => setChosen((all) => [...all.filter((one) => one.user.id !== user.id), { user }]);
  const leaveOut = (user: User) => setChosen((all) => all.filter((one) => one.user.id !== user.id));

  const seatAll = async () => {
    setBusy(true);
    const users = chosen.map(({ user }) => user);
    const failed = await forSeveral(users, AT_ONCE, async (user) => {
      await seatMember(roomId, user, 'member');
      leaveOut(user);
    });
    const refused = [...failed].map(([user, cause]) => {
      const why = refusals.say(cause, t('unreachable'));
      return { user, refused: t('peopleNotAdded', { name: nameOf(user), why }) };
    });
    // Who has closed the dialog meanwhile is told all the same.
    if (!open.current) {
      for (const one of refused) toast({ text: one.refused, tone: 'error' });
      return;
    }
    setChosen(refused);
    setBusy(false);
    if (refused.length === 0) onDone();
  };

  return { chosen, busy, choose, leaveOut, seatAll };
}
