/** Several people are found, chosen, and seated in a room in one go. */
import { X } from 'lucide-react';
import { type KeyboardEvent, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '../../gen/wire';
import { type ActionName, isComposing, keyAction } from '../../lib/keys';
import { findUsers } from '../../net/find';
import { findMembers } from '../../net/members-here';
import { nameOf, useChat, useSession } from '../../state';
import { Avatar, Button, Dialog, EmptyState, ErrorState, IconButton, SkeletonRows } from '../../ui';
import './add-people.css';
import { useFound } from './use-found';
import { type Chosen, useSeating } from './use-seating';

const MOST = 30;

interface Candidate {
  readonly user: User;
  readonly seated: boolean;
}

export function AddPeople({
  open,
  onClose,
  title,
  roomId,
}: {
  open: boolean;
  onClose(): void;
  title: string;
  roomId: number;
}) {
  return (
    <Dialog open={open} onClose={onClose} title={title} placement="top" className="ap">
      <Chooser roomId={roomId} onClose={onClose} />
    </Dialog>
  );
}

function Chooser({ roomId, onClose }: { roomId: number; onClose(): void }) {
  const t = useTranslations('roomDialogs');
  const id = useId();
  const [words, setWords] = useState('');
  /** The marked row; in an empty field nobody is marked until a key or the pointer does it. */
  const [at, setAt] = useState(-1);
  /** Enter came before the answer to these words: it takes the first then. */
  const [hasty, setHasty] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const { chosen, busy, choose, leaveOut, seatAll } = useSeating(roomId, onClose);
  const { rows, current, broken, again } = useCandidates(roomId, words);
  const free = useMemo(
    () => rows?.filter((row) => !row.seated && !chosen.some((one) => one.user.id === row.user.id)) ?? [],
    [rows, chosen],
  );
  const seated = rows?.filter((row) => row.seated) ?? [];
  // What stands there for other words is not what Enter means.
  const marked = current ? Math.min(at, free.length - 1) : -1;
  const refused = chosen.filter((one) => one.refused !== undefined);

  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    list.current?.querySelector(`#${CSS.escape(`${id}-${marked}`)}`)?.scrollIntoView({ block: 'nearest' });
  }, [marked, id]);

  const write = (next: string) => {
    setWords(next);
    setAt(next.trim() === '' ? -1 : 0);
  };
  const take = (user: User | undefined) => {
    if (!user || busy) return;
    choose(user);
    write('');
    field.current?.focus();
  };
  useEffect(() => {
    if (hasty !== words || !current) return;
    setHasty(undefined);
    take(free[0]?.user);
  });
  const drop = (user: User | undefined) => {
    if (!user || busy) return;
    leaveOut(user);
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    if (words === '' && keyAction('several', event.nativeEvent) === 'takeBack') {
      drop(chosen.at(-1)?.user);
      return;
    }
    const action = keyAction('list', event.nativeEvent);
    const last = free.length - 1;
    const next = marked >= last ? 0 : marked + 1;
    const previous = marked <= 0 ? last : marked - 1;
    const step: Partial<Record<ActionName, number>> = { next, nextToo: next, previous, previousToo: previous };
    const to = action && step[action];
    if (to !== undefined) setAt(to);
    else if (action === 'take' && !current && words.trim()) setHasty(words);
    else if (action === 'take') take(free[marked]?.user);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <div className="ap-field">
        <ChosenPeople chosen={chosen} onLeaveOut={drop} />
        <input
          ref={field}
          role="combobox"
          aria-label={t('peopleSearch')}
          aria-expanded={(rows?.length ?? 0) > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={marked >= 0 ? `${id}-${marked}` : undefined}
          placeholder={chosen.length === 0 ? t('peopleSearch') : undefined}
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          value={words}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className="ap-refused" role="alert">
        {refused.map((one) => (
          <p key={one.user.id}>{one.refused}</p>
        ))}
      </div>
      <p className="ui-hidden" role="status">
        {t('peopleChosen', { count: chosen.length })}
      </p>
      <div className="ap-found">
        {broken && <ErrorState title={t('peopleFailed')} onRetry={again} />}
        {!broken && !rows && <SkeletonRows rows={4}>{t('loading')}</SkeletonRows>}
        {!broken && rows?.length === 0 && (
          <EmptyState title={words.trim() ? t('peopleNone', { name: words.trim() }) : t('peopleEmpty')} />
        )}
        <div ref={list} id={`${id}-list`} role="listbox" aria-label={t('peopleFound')}>
          {!broken &&
            free.map(({ user }, place) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the field that owns the list
              // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the option by aria-activedescendant
              <div
                key={user.id}
                id={`${id}-${place}`}
                role="option"
                aria-selected={place === marked}
                className="ap-option"
                onPointerMove={place === marked ? undefined : () => setAt(place)}
                onClick={() => take(user)}
              >
                <Person user={user} />
              </div>
            ))}
          {!broken &&
            seated.map(({ user }) => (
              // biome-ignore lint/a11y/useFocusableInteractive: it only tells that this person is here; it cannot be chosen
              <div key={user.id} role="option" aria-selected={false} aria-disabled className="ap-option">
                <Person user={user} />
                <span className="ap-here">{t('peopleHere')}</span>
              </div>
            ))}
        </div>
      </div>
      <footer className="ui-dialog-actions">
        <Button onClick={onClose}>{t('cancel')}</Button>
        <Button variant="primary" busy={busy} disabled={chosen.length === 0} onClick={() => void seatAll()}>
          {t('peopleAdd', { count: chosen.length })}
        </Button>
      </footer>
    </>
  );
}

/** Who could be meant, and who of them is in the room already, by the server's word too: a page knows only a part of a big room. */
function useCandidates(roomId: number, words: string) {
  const me = useSession((session) => session.me?.id);
  const members = useChat((chat) => chat.members[roomId]);
  const find = useCallback(
    async (name: string) => {
      const [users, here] = await Promise.all([findUsers(name, MOST), name ? findMembers(roomId, name) : []]);
      const ids = new Set(here.map((member) => member.user.id));
      return users
        .filter((user) => user.id !== me && !user.deactivated)
        .map((user): Candidate => ({ user, seated: ids.has(user.id) }));
    },
    [me, roomId],
  );
  const found = useFound(find, words);
  const rows = useMemo(() => {
    const known = new Set(members?.map((member) => member.user.id));
    return found.rows?.map((row) => (known.has(row.user.id) ? { ...row, seated: true } : row));
  }, [found.rows, members]);
  return { ...found, rows };
}

function ChosenPeople({ chosen, onLeaveOut }: { chosen: readonly Chosen[]; onLeaveOut(user: User): void }) {
  const t = useTranslations('roomDialogs');
  if (chosen.length === 0) return null;
  return (
    <ul className="ap-chosen" aria-label={t('peopleChosenLabel')}>
      {chosen.map(({ user, refused }) => (
        <li key={user.id} data-refused={refused !== undefined || undefined}>
          <Avatar id={user.id} name={nameOf(user)} size={20} src={user.avatar_url} />
          <span>{nameOf(user)}</span>
          <IconButton label={t('peopleLeaveOut', { name: nameOf(user) })} size="small" onClick={() => onLeaveOut(user)}>
            <X size={14} />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

function Person({ user }: { user: User }) {
  return (
    <>
      <Avatar id={user.id} name={nameOf(user)} size={32} presence={user.presence} src={user.avatar_url} />
      <span className="rb-text">
        <b>{nameOf(user)}</b>
        <span>@{user.username}</span>
      </span>
    </>
  );
}
