/** Finding a person to begin a direct conversation with. */
import { useCallback } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '../../gen/wire';
import { findUsers } from '../../net/find';
import { nameOf, useSession } from '../../state';
import { Avatar, EmptyState, toast, useRefusals } from '../../ui';
import { FinderDialog } from './finder';

const MOST = 30;

export function StartDirect({
  open,
  onClose,
  title,
  onChoose,
}: {
  open: boolean;
  onClose(): void;
  title: string;
  onChoose(user: User): Promise<void>;
}) {
  const t = useTranslations('roomDialogs');
  const refusals = useRefusals();
  const me = useSession((session) => session.me?.id);
  const find = useCallback(
    async (name: string) => {
      const users = await findUsers(name, MOST);
      return users.filter((user) => user.id !== me && !user.deactivated);
    },
    [me],
  );

  const choose = async (user: User) => {
    try {
      await onChoose(user);
      onClose();
    } catch (error) {
      toast({ text: refusals.say(error, t('unreachable')), tone: 'error' });
    }
  };

  return (
    <FinderDialog
      open={open}
      onClose={onClose}
      title={title}
      label={t('peopleSearch')}
      find={find}
      failed={t('peopleFailed')}
      none={(name) => <EmptyState title={name ? t('peopleNone', { name }) : t('peopleEmpty')} />}
      row={(user) => (
        <button type="button" className="rb-person" onClick={() => void choose(user)}>
          <Avatar id={user.id} name={nameOf(user)} size={32} presence={user.presence} src={user.avatar_url} />
          <span className="rb-text">
            <b>{nameOf(user)}</b>
            <span>@{user.username}</span>
          </span>
        </button>
      )}
    />
  );
}
