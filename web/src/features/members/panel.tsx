/** The people of a room, those who can be reached first; owners and admins can seat and remove people from here. */
import { EllipsisVertical, MessageCircle, Shield, User, UserMinus, UserPlus } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Member, Role, Room } from '../../gen/wire';
import { kickMember, loadMembers, loadMoreMembers, seatMember } from '../../net';
import { atLeast, byPresence, mayManage, nameOf, useChat, useLoads, usePresence, useSession } from '../../state';
import {
  Avatar,
  Button,
  ConfirmDialog,
  ErrorState,
  IconButton,
  Menu,
  Pill,
  SkeletonRows,
  toast,
  useRefusals,
} from '../../ui';
import './members.css';

export interface MemberPanelProps {
  room: Room;
  onProfile(userId: number, anchor: Element): void;
  onMessage(userId: number): void;
  onAdd(): void;
}

export function MemberPanel({ room, onProfile, onMessage, onAdd }: MemberPanelProps) {
  const t = useTranslations('members');
  const refusals = useRefusals();
  const members = useChat((chat) => chat.members[room.id]);
  const users = useChat((chat) => chat.users);
  const people = usePresence((presence) => presence.people);
  const loading = useLoads((loads) => loads.members[room.id]);
  const more = useLoads((loads) => loads.membersFrom[room.id] !== undefined);
  const me = useSession((session) => session.me?.id);
  const [menu, setMenu] = useState<{ member: Member; anchor: Element }>();
  const [menuOpen, setMenuOpen] = useState(false);
  const [kicking, setKicking] = useState<Member>();
  const [crowning, setCrowning] = useState<Member>();
  const mayAdd = room.kind === 'room' && atLeast(room.my_role, 'admin');

  useEffect(() => {
    void loadMembers(room.id);
  }, [room.id]);

  // Each page that is drawn pushes this out of sight; when it comes back into view the next one is due.
  const end = useRef<HTMLDivElement>(null);
  const shown = members?.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is still in view after a page must ask once more
  useEffect(() => {
    const mark = end.current;
    if (!mark || !more) return;
    const watch = new IntersectionObserver(
      (seen) => seen.some((one) => one.isIntersecting) && void loadMoreMembers(room.id),
      { rootMargin: '200px' },
    );
    watch.observe(mark);
    return () => watch.disconnect();
  }, [room.id, more, shown]);

  const groups = useMemo(
    () =>
      byPresence(
        (members ?? []).map((member) => ({ ...member, user: { ...member.user, ...users[member.user.id] } })),
        (id) => people[id]?.presence ?? 'offline',
      ),
    [members, users, people],
  );

  const guard = async (work: Promise<void>) => {
    try {
      await work;
    } catch (error) {
      toast({ text: refusals.say(error, t('failed')), tone: 'error' });
    }
  };
  const seat = (member: Member, role: Role) => ({
    id: role,
    label: t(`make.${role}`),
    icon: <Shield />,
    onAction: () => (role === 'owner' ? setCrowning(member) : void guard(seatMember(room.id, member.user, role))),
  });
  const roles = (member: Member) => {
    const mine = room.my_role;
    const may: Role[] = mine === 'owner' ? ['member', 'admin', 'owner'] : [];
    return may.filter((role) => role !== member.role).map((role) => seat(member, role));
  };

  if (!members) {
    return loading === 'failed' ? (
      <ErrorState title={t('loadFailed')} onRetry={() => void loadMembers(room.id)} />
    ) : (
      <SkeletonRows rows={6}>{t('loading')}</SkeletonRows>
    );
  }

  return (
    <div className="mp">
      {mayAdd && (
        <Button wide icon={<UserPlus size={16} />} onClick={onAdd}>
          {t('add')}
        </Button>
      )}
      {groups.map(([presence, list]) => (
        <section key={presence} aria-labelledby={`mp-${presence}`}>
          <h3 id={`mp-${presence}`}>{t('group', { presence, count: list.length })}</h3>
          <ul>
            {list.map((member) => (
              <li key={member.user.id} className="mp-row" data-testid="member">
                <button
                  type="button"
                  className="mp-person"
                  onClick={(event) => onProfile(member.user.id, event.currentTarget)}
                >
                  <Avatar id={member.user.id} name={nameOf(member.user)} size={32} presence={presence} />
                  <span className="mp-name">
                    <b>
                      {nameOf(member.user)}
                      {member.user.id === me && <small> {t('you')}</small>}
                    </b>
                    {member.user.status_text && <span>{member.user.status_text}</span>}
                  </span>
                  {member.role !== 'member' && <Pill>{t(`role.${member.role}`)}</Pill>}
                </button>
                {member.user.id === me ? (
                  <span className="mp-more is-none" />
                ) : (
                  <IconButton
                    size="small"
                    className="mp-more"
                    label={t('actions', { name: nameOf(member.user) })}
                    aria-haspopup="menu"
                    aria-expanded={menuOpen && menu?.member.user.id === member.user.id}
                    onClick={(event) => {
                      setMenu({ member, anchor: event.currentTarget });
                      setMenuOpen(true);
                    }}
                  >
                    <EllipsisVertical size={16} />
                  </IconButton>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
      {more && (
        <div ref={end} className="mp-end">
          {loading === 'failed' ? (
            <Button size="small" onClick={() => void loadMoreMembers(room.id)}>
              {t('loadMore')}
            </Button>
          ) : (
            <SkeletonRows rows={3}>{t('loading')}</SkeletonRows>
          )}
        </div>
      )}
      {menu && (
        <Menu
          open={menuOpen}
          onClose={() => setMenuOpen(false)}
          anchor={menu.anchor}
          label={t('actions', { name: nameOf(menu.member.user) })}
          sections={[
            {
              id: 'talk',
              items: [
                {
                  id: 'message',
                  label: t('message'),
                  icon: <MessageCircle />,
                  onAction: () => onMessage(menu.member.user.id),
                },
                {
                  id: 'profile',
                  label: t('profile'),
                  icon: <User />,
                  onAction: () => onProfile(menu.member.user.id, menu.anchor),
                },
              ],
            },
            ...(roles(menu.member).length > 0 ? [{ id: 'roles', label: t('roles'), items: roles(menu.member) }] : []),
            ...(room.kind === 'room' && mayManage(room.my_role, menu.member, me)
              ? [
                  {
                    id: 'danger',
                    items: [
                      {
                        id: 'kick',
                        label: t('kick'),
                        icon: <UserMinus />,
                        danger: true,
                        onAction: () => setKicking(menu.member),
                      },
                    ],
                  },
                ]
              : []),
          ]}
        />
      )}
      <ConfirmDialog
        open={crowning !== undefined}
        onClose={() => setCrowning(undefined)}
        title={t('ownerTitle', { name: crowning ? nameOf(crowning.user) : '' })}
        confirmLabel={t('ownerConfirm')}
        onConfirm={() => (crowning ? guard(seatMember(room.id, crowning.user, 'owner')) : undefined)}
      >
        {t('ownerText')}
      </ConfirmDialog>
      <ConfirmDialog
        open={kicking !== undefined}
        onClose={() => setKicking(undefined)}
        title={t('kickTitle', { name: kicking ? nameOf(kicking.user) : '' })}
        confirmLabel={t('kickConfirm')}
        danger
        onConfirm={() => (kicking ? guard(kickMember(room.id, kicking.user.id)) : undefined)}
      >
        {room.is_private ? t('kickPrivate') : t('kickPublic')}
      </ConfirmDialog>
    </div>
  );
}
