/** What the list of a room's people says line by line. Pure. */
import type { Member, Presence } from '../../gen/wire';
import { byPresence } from './order';

export type Line =
  | { readonly kind: 'head'; readonly presence: Presence; readonly count: number }
  | { readonly kind: 'member'; readonly member: Member; readonly presence: Presence }
  /** More of the group above is to come. */
  | { readonly kind: 'more'; readonly presence: Presence };

export interface Listing {
  /** In the order in which they are to be shown. */
  readonly members: readonly Member[];
  presenceOf(id: number): Presence;
  /** How many are in the room, and how many of them are here now: only the server knows where not all of them have come. */
  readonly total: number;
  readonly online: number;
  /** What has not come yet. */
  readonly more: { readonly online: boolean; readonly all: boolean };
}

export function listMembers({ members, presenceOf, total, online, more }: Listing): readonly Line[] {
  if (!more.all) {
    return byPresence(members, presenceOf).flatMap(([presence, list]): Line[] => [
      { kind: 'head', presence, count: list.length },
      ...list.map((member): Line => ({ kind: 'member', member, presence })),
    ]);
  }
  const here: Line[] = [];
  const away: Line[] = [];
  for (const member of members) {
    const presence = presenceOf(member.user.id);
    (presence === 'offline' ? away : here).push({ kind: 'member', member, presence });
  }
  const count = more.online ? Math.max(online, here.length) : here.length;
  return [
    { kind: 'head', presence: 'online', count },
    ...here,
    ...(more.online ? [{ kind: 'more', presence: 'online' } as const] : []),
    { kind: 'head', presence: 'offline', count: Math.max(total - count, away.length) },
    ...away,
    { kind: 'more', presence: 'offline' },
  ];
}
