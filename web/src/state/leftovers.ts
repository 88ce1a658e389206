/** What was written in a room and is there only for its writer: drafts, and sends that the server does not have. */
import { type Draft, useDrafts } from './drafts';
import { type Place, placesIn } from './place';
import type { Send } from './steps';

export interface Leftover {
  readonly key: string;
  readonly text: string;
}

export function leftIn(
  roomId: number,
  places: Readonly<Record<Place, Draft>>,
  sends: readonly Send[],
): readonly Leftover[] {
  const unsent = sends
    .filter((send) => send.room_id === roomId && send.state !== 'sent')
    .map((send) => ({ key: send.id, text: send.content }));
  const drafts = placesIn(places, roomId).flatMap((place) => textsOf(place, places[place]));
  return [...unsent, ...drafts];
}

function textsOf(key: string, draft: Draft | undefined): readonly Leftover[] {
  if (!draft) return [];
  const below = textsOf(`${key}+`, draft.kept);
  return draft.text.trim() === '' ? below : [{ key, text: draft.text }, ...below];
}

/** Lets go of what was being written in a room. */
export function dropDrafts(roomId: number): void {
  useDrafts.setState(({ places, written }) => {
    const gone = placesIn(places, roomId);
    const rest = { ...places };
    for (const place of gone) delete rest[place];
    return { places: rest, written: [...new Set([...written, ...gone])] };
  });
}
