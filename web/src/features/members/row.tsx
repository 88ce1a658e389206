/** One person of a room. */
import { EllipsisVertical } from 'lucide-react';
import { memo } from 'react';
import { useTranslations } from 'use-intl';
import type { Member, Presence } from '../../gen/wire';
import { nameOf, useChat } from '../../state';
import { Avatar, IconButton, Pill } from '../../ui';

export const MemberRow = memo(function MemberRow({
  member,
  presence,
  mine,
  menuOpen,
  onProfile,
  onMenu,
}: {
  member: Member;
  presence: Presence;
  mine: boolean;
  menuOpen: boolean;
  onProfile(userId: number, anchor: Element): void;
  onMenu(member: Member, anchor: Element): void;
}) {
  const t = useTranslations('members');
  const user = useChat((chat) => chat.users[member.user.id]) ?? member.user;
  const name = nameOf(user);
  return (
    <div className="mp-row" data-testid="member">
      <button type="button" className="mp-person" onClick={(event) => onProfile(user.id, event.currentTarget)}>
        <Avatar id={user.id} name={name} size={32} presence={presence} src={user.avatar_url} />
        <span className="mp-name">
          <b>
            {name}
            {mine && <small> {t('you')}</small>}
          </b>
          {user.status_text && <span>{user.status_text}</span>}
        </span>
        {member.role !== 'member' && <Pill>{t(`role.${member.role}`)}</Pill>}
      </button>
      {mine ? (
        <span className="mp-more is-none" />
      ) : (
        <IconButton
          size="small"
          className="mp-more"
          label={t('actions', { name })}
          aria-haspopup="menu"
          aria-expanded={menuOpen}
          onClick={(event) => onMenu(member, event.currentTarget)}
        >
          <EllipsisVertical size={16} />
        </IconButton>
      )}
    </div>
  );
});
