/** Finding a person: to begin a direct conversation, or to seat them in a room. */
import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '../../gen/wire';
import { http } from '../../net';
import { nameOf, useSession } from '../../state';
import { Avatar, Dialog, EmptyState, ErrorState, SkeletonRows, toast, useRefusals } from '../../ui';
import './rooms.css';

const TYPING_PAUSE_MS = 180;

export function StartDirect({
  open,
  onClose,
  title,
  except,
  onChoose,
}: {
  open: boolean;
  onClose(): void;
  title: string;
  /** People who are there already. */
  except?: ReadonlySet<number> | undefined;
  onChoose(user: User): Promise<void>;
}) {
  return (
    <Dialog open={open} onClose={onClose} title={title} placement="top">
      <Finder onClose={onClose} except={except} onChoose={onChoose} />
    </Dialog>
  );
}

function Finder({
  onClose,
  except,
  onChoose,
}: {
  onClose(): void;
  except?: ReadonlySet<number> | undefined;
  onChoose(user: User): Promise<void>;
}) {
  const t = useTranslations('rooms');
  const refusals = useRefusals();
  const me = useSession((session) => session.me?.id);
  const [query, setQuery] = useState('');
  const [attempt, setAttempt] = useState(0);
  const [found, setFound] = useState<readonly User[]>();
  const [failed, setFailed] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => search.current?.focus(), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks the same question again
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(
      () => {
        http.users(query.trim(), 30).then(
          (users) => {
            if (stale) return;
            setFailed(false);
            setFound(users.filter((user) => user.id !== me && !user.deactivated && !except?.has(user.id)));
          },
          () => !stale && setFailed(true),
        );
      },
      query === '' ? 0 : TYPING_PAUSE_MS,
    );
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [query, attempt, me, except]);

  const choose = async (user: User) => {
    try {
      await onChoose(user);
      onClose();
    } catch (error) {
      toast({
        text: refusals.say(error, t('unreachable')),
        tone: 'error',
      });
    }
  };

  return (
    <div className="rb">
      <label className="rb-search">
        <Search size={16} aria-hidden="true" />
        <span className="ui-hidden">{t('peopleSearch')}</span>
        <input
          ref={search}
          type="search"
          value={query}
          placeholder={t('peopleSearch')}
          onChange={(event) => setQuery(event.target.value)}
        />
      </label>
      {failed && <ErrorState title={t('peopleFailed')} onRetry={() => setAttempt(attempt + 1)} />}
      {!failed && !found && <SkeletonRows rows={4}>{t('loading')}</SkeletonRows>}
      {!failed && found?.length === 0 && (
        <EmptyState title={query.trim() ? t('peopleNone', { name: query.trim() }) : t('peopleEmpty')} />
      )}
      {!failed && found && found.length > 0 && (
        <ul className="rb-list">
          {found.map((user) => (
            <li key={user.id}>
              <button type="button" className="rb-person" onClick={() => void choose(user)}>
                <Avatar id={user.id} name={nameOf(user)} size={32} presence={user.presence} />
                <span className="rb-text">
                  <b>{nameOf(user)}</b>
                  <span>@{user.username}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
