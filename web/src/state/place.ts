/**
 * Where people write: a room, or a thread in it, which is told by the id of the message it hangs on. A log, a draft, an
 * unsent message, a timeline and a composer belong to a place, so that two of them can stand side by side.
 */

/** A place as a key: `7` is a room, `7/4711` a thread in it. */
export type Place = `${number}` | `${number}/${number}`;

export function placeOf(roomId: number, thread?: number): Place {
  return thread === undefined ? `${roomId}` : `${roomId}/${thread}`;
}

/** The parts of a place; undefined for what is none, as it may come from an address or from storage. */
export function parsePlace(key: string): { readonly roomId: number; readonly thread?: number } | undefined {
  const [, room, thread] = /^(\d+)(?:\/(\d+))?$/.exec(key) ?? [];
  if (room === undefined) return undefined;
  return thread === undefined ? { roomId: Number(room) } : { roomId: Number(room), thread: Number(thread) };
}

/** The room that a place is in. */
export function roomOf(place: Place): number {
  return Number.parseInt(place, 10);
}

/** The places that a record is kept by. */
export function placesOf(record: Readonly<Record<Place, unknown>>): readonly Place[] {
  return Object.keys(record).filter((key): key is Place => parsePlace(key) !== undefined);
}

/** Those of a room, its own included. */
export function placesIn(record: Readonly<Record<Place, unknown>>, roomId: number): readonly Place[] {
  return placesOf(record).filter((place) => roomOf(place) === roomId);
}
