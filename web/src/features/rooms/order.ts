/** The order of the list on the desk. Pure. */
import type { Room } from '../../gen/wire';

/** Rooms before conversations, each in the order given. */
export function bySection(rooms: readonly Room[]): readonly Room[] {
  return [...rooms.filter((room) => room.kind === 'room'), ...rooms.filter((room) => room.kind === 'direct')];
}

/** In the order of a dictionary. */
export function byName(rooms: readonly Room[], titleOf: (room: Room) => string, locale: string): readonly Room[] {
  const { compare } = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  const titled = rooms.map((room) => ({ room, title: titleOf(room) }));
  return titled.sort((a, b) => compare(a.title, b.title) || a.room.id - b.room.id).map(({ room }) => room);
}

/** The next room in a direction that is wanted, round the ends; from a room that is not among them, the first or the last. */
export function roomBeside(
  rooms: readonly Room[],
  here: number | undefined,
  by: 1 | -1,
  isWanted: (room: Room) => boolean,
): Room | undefined {
  const way = by === 1 ? rooms : [...rooms].reverse();
  const at = way.findIndex((room) => room.id === here);
  return [...way.slice(at + 1), ...way.slice(0, at + 1)].find(isWanted);
}

/**
 * Nothing moves under a pointer or away from the focus: what was shown stays where it was as long as it is there at all, and what is
 * new comes at the end of its section.
 */
export function keepOrder(former: readonly number[], now: readonly Room[], all: Readonly<Record<number, Room>>) {
  const held = new Set(former);
  const stay = former.flatMap((id) => (all[id]?.my_role ? [all[id]] : []));
  return bySection([...stay, ...now.filter((room) => !held.has(room.id))]);
}
