/** In which order the members of a room are listed. */
import type { Member, Presence } from '../../gen/wire';
import { nameOf, type Person } from '../../state';

const PRESENCE_ORDER: Record<Presence, number> = { online: 0, away: 1, offline: 2 };

/** In the order of their names. */
export function sortedMembers(members: readonly Member[], users: Readonly<Record<number, Person>>): readonly Member[] {
  const { compare } = new Intl.Collator(undefined, { sensitivity: 'base' });
  const named = members.map((member) => ({ member, name: nameOf(users[member.user.id] ?? member.user) }));
  return named.sort((a, b) => compare(a.name, b.name)).map(({ member }) => member);
}

/** Members as the panel lists them: who can be reached first, each group in the order given. */
export function byPresence(
  members: readonly Member[],
  presenceOf: (id: number) => Presence,
): readonly (readonly [Presence, readonly Member[]])[] {
  const groups = new Map<Presence, Member[]>();
  for (const member of members) {
    const presence = presenceOf(member.user.id);
    const group = groups.get(presence);
    if (group) group.push(member);
    else groups.set(presence, [member]);
  }
  return [...groups].sort(([a], [b]) => PRESENCE_ORDER[a] - PRESENCE_ORDER[b]);
}
