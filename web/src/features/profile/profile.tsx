import { CalendarDays, MessageCircle, Settings } from 'lucide-react';
import { useLocale, useTranslations } from 'use-intl';
import './profile.css';
import type { Presence } from '../../gen/wire';
import { longDate } from '../../lib/time';
import { nameOf, type Person } from '../../state';
import { Avatar, Button, ErrorState, Pill, type Placement, Popover, Skeleton, useAgo } from '../../ui';

export interface ProfileProps {
  /** What is known so far; a frame tells only id and name, the rest comes. */
  person: Person;
  presence: Presence | undefined;
  lastSeen: string | undefined;
  isMe: boolean;
  /** A word about the role in this room. */
  role?: string | undefined;
  /** The details are on their way. */
  loading?: boolean;
  failed?: boolean;
  onRetry?: () => void;
  onMessage: () => void;
  onEdit: () => void;
}

/** A person: picture, names, whether they can be reached, what they say about themselves. */
function Profile({
  person,
  presence,
  lastSeen,
  isMe,
  role,
  loading,
  failed,
  onRetry,
  onMessage,
  onEdit,
}: ProfileProps) {
  const t = useTranslations('profile');
  const locale = useLocale();
  const name = nameOf(person);
  const details = person.created_at !== undefined;
  // Nobody has a face before they have a name.
  if (name === '' && loading) return <Skeleton lines={4} />;
  return (
    <div className="profile">
      <div className="profile-head">
        <Avatar id={person.id} name={name} size={96} presence={presence} src={person.avatar_url} />
        <div>
          <h3>{name}</h3>
          <p className="profile-handle">@{person.username}</p>
          <p className="profile-presence">
            {person.deactivated ? (
              t('deactivated')
            ) : (
              <Seen presence={presence} lastSeen={lastSeen ?? person.last_seen ?? undefined} />
            )}
          </p>
        </div>
      </div>
      {(person.is_admin || role) && (
        <p className="profile-pills">
          {person.is_admin && <Pill tone="accent">{t('admin')}</Pill>}
          {role && <Pill>{role}</Pill>}
        </p>
      )}
      {person.status_text && <p className="profile-status">{person.status_text}</p>}
      {person.bio && <p className="profile-bio">{person.bio}</p>}
      {loading && !details && <Skeleton lines={2} />}
      {failed && <ErrorState title={t('failed')} {...(onRetry ? { onRetry } : {})} />}
      {person.created_at && (
        <p className="profile-since">
          <CalendarDays aria-hidden="true" />
          {t('since', { date: longDate(person.created_at, locale) })}
        </p>
      )}
      <div className="profile-actions">
        {isMe ? (
          <Button wide icon={<Settings aria-hidden="true" />} onClick={onEdit}>
            {t('edit')}
          </Button>
        ) : (
          !person.deactivated && (
            <Button wide variant="primary" icon={<MessageCircle aria-hidden="true" />} onClick={onMessage}>
              {t('message')}
            </Button>
          )
        )}
      </div>
    </div>
  );
}

/** Online, away, or when the person was last here. */
function Seen({ presence, lastSeen }: { presence: Presence | undefined; lastSeen: string | undefined }) {
  const t = useTranslations('profile');
  const ui = useTranslations('ui.presence');
  const ago = useAgo();
  if (presence === 'online' || presence === 'away') return ui(presence);
  return lastSeen ? t('lastSeen', { when: ago(lastSeen) }) : ui('offline');
}

export interface ProfileCardProps extends ProfileProps {
  open: boolean;
  onClose: () => void;
  anchor: Element | null;
  placement?: Placement;
}

/** The card beside a name; a sheet from below on a phone. */
export function ProfileCard({ open, onClose, anchor, placement = 'right top', ...profile }: ProfileCardProps) {
  const t = useTranslations('profile');
  return (
    <Popover
      open={open}
      onClose={onClose}
      anchor={anchor}
      placement={placement}
      label={t('label', { name: nameOf(profile.person) })}
      className="profile-card"
    >
      <Profile {...profile} />
    </Popover>
  );
}
