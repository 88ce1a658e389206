/** The people of a room, those who can be reached first; owners and admins can seat and remove people from here. */
import { MessageCircle, Shield, User, UserMinus, UserPlus } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import type { Member, Role, Room } from '../../gen/wire';
import { Wait } from '../../lib/wait';
import { loadMembers, loadMoreMembers } from '../../net';
import { loadOnline } from '../../net/members-here';
import { kickMember, seatMember } from '../../net/rooms';
import { atLeast, mayManage, nameOf, useChat, useLoads, usePresence, useSession } from '../../state';
import {
  Button,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  Menu,
  SearchField,
  SkeletonRows,
  toast,
  useRefusals,
} from '../../ui';
import { type Line, listMembers } from './lines';
import { sortedMembers } from './order';
import { MemberRow } from './row';
import { useFind } from './use-find';
import './members.css';

/** So many people and no more are found by looking. */
const MANY = 12;
/** Rows ahead of the view that are fetched. */
const AHEAD = 15;
/** Not at each one of thousands who come and go. */
const HERE_MS = 5000;

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
  const people = usePresence((presence) => presence.people);
  const here = usePresence((presence) => presence.here[room.id]?.total);
  const loading = useLoads((loads) => loads.members[room.id]);
  const more = useLoads((loads) => loads.membersFrom[room.id] !== undefined);
  const moreHere = useLoads((loads) => loads.online[room.id] !== 'ready' || loads.onlineFrom[room.id] !== undefined);
  const [words, setWords] = useState('');
  const me = useSession((session) => session.me?.id);
  const [menu, setMenu] = useState<{ member: Member; anchor: Element }>();
  const [menuOpen, setMenuOpen] = useState(false);
  const [kicking, setKicking] = useState<Member>();
  const [crowning, setCrowning] = useState<Member>();
  const mayAdd = room.kind === 'room' && atLeast(room.my_role, 'admin');

  useEffect(() => {
    void loadMembers(room.id);
  }, [room.id]);

  // In a big room only their number is told: who they are is asked for, a while after it changed.
  const asked = useRef(new Wait());
  const known = members !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another number is what this answers to
  useEffect(() => {
    if (!known || !more) return;
    if (useLoads.getState().online[room.id] === undefined) void loadOnline(room.id);
    else asked.current.start(HERE_MS, () => void loadOnline(room.id));
  }, [room.id, known, more, here]);
  useEffect(() => () => asked.current.stop(), []);

  // Where they come page by page they stay in that order: sorted anew, rows would move under the eye.
  const paged = useRef(more);
  paged.current ||= more;
  const ordered = useMemo(
    () => (paged.current ? members : members && sortedMembers(members, useChat.getState().users)) ?? [],
    [members],
  );
  const found = useFind(room.id, words.trim());
  const lines = useMemo((): readonly Line[] => {
    const presenceOf = (id: number) => people[id]?.presence ?? 'offline';
    if (found) {
      const list = found.members === 'failed' ? [] : found.members;
      return list.map((member) => ({ kind: 'member', member, presence: presenceOf(member.user.id) }));
    }
    return listMembers({
      members: ordered,
      presenceOf,
      total: room.member_count,
      online: here ?? 0,
      more: { online: moreHere, all: more },
    });
  }, [found, ordered, people, here, more, moreHere, room.member_count]);

  // Whoever comes near the end of what is here gets the next page, of those who are here and of the others.
  const list = useRef<VirtualizerHandle>(null);
  const fill = () => {
    const handle = list.current;
    if (!handle || found || handle.viewportSize === 0) return;
    const last = handle.findItemIndex(handle.scrollOffset + handle.viewportSize) + AHEAD;
    const due = lines.findIndex((line) => line.kind === 'more' && line.presence === 'online');
    if (due >= 0 && due <= last) void loadOnline(room.id, true);
    if (more && loading !== 'failed' && lines.length <= last) void loadMoreMembers(room.id);
  };
  const fillNow = useRef(fill);
  fillNow.current = fill;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is still in view after a page must ask once more
  useEffect(() => fillNow.current(), [lines, loading]);
  const onMoved = useCallback(() => fillNow.current(), []);

  const openMenu = useCallback((member: Member, anchor: Element) => {
    setMenu({ member, anchor });
    setMenuOpen(true);
  }, []);

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
      {room.member_count > MANY && <SearchField label={t('find')} words={words} onWords={setWords} />}
      {found?.members === 'failed' && <ErrorState title={t('loadFailed')} onRetry={() => setWords(`${words} `)} />}
      {found && lines.length === 0 && found.members !== 'failed' && (
        <EmptyState title={t('none', { name: found.words })} />
      )}
      <div className="mp-scroll">
        <Virtualizer ref={list} as="ul" item="li" data={lines} onScroll={onMoved} onResize={onMoved}>
          {(line) => {
            switch (line.kind) {
              case 'head':
                return <h3 key={line.presence}>{t('group', { presence: line.presence, count: line.count })}</h3>;
              case 'member':
                return (
                  <MemberRow
                    key={line.member.user.id}
                    member={line.member}
                    presence={line.presence}
                    mine={line.member.user.id === me}
                    menuOpen={menuOpen && menu?.member.user.id === line.member.user.id}
                    onProfile={onProfile}
                    onMenu={openMenu}
                  />
                );
              case 'more':
                return (
                  <div key={`more-${line.presence}`} className="mp-end">
                    {loading === 'failed' ? (
                      <Button size="small" onClick={() => void loadMoreMembers(room.id)}>
                        {t('loadMore')}
                      </Button>
                    ) : (
                      <SkeletonRows rows={1}>{t('loading')}</SkeletonRows>
                    )}
                  </div>
                );
            }
          }}
        </Virtualizer>
      </div>
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
