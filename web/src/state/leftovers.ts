/** What was written in a room and is there only for its writer: drafts, and sends and edits that the server does not have. */
import { type Draft, useDrafts } from './drafts';
import { type Place, placesIn, placesOf } from './place';
import { type Step, useSteps } from './steps';

export interface Leftover {
  readonly key: string;
  readonly text: string;
}

export function leftIn(
  roomId: number,
  places: Readonly<Record<Place, Draft>>,
  steps: readonly Step[],
): readonly Leftover[] {
  const unsent = textsIn(steps.filter((step) => step.room_id === roomId));
  const drafts = placesIn(places, roomId).flatMap((place) => textsOf(place, places[place]));
  return [...unsent, ...drafts];
}

/** How many texts, in all rooms, are nowhere but on this device. */
export function countLeft(): number {
  const { sends, changes } = useSteps.getState();
  const { places } = useDrafts.getState();
  const drafts = placesOf(places).flatMap((place) => textsOf(place, places[place]));
  return textsIn([...sends, ...changes]).length + drafts.length;
}

function textsIn(steps: readonly Step[]): readonly Leftover[] {
  return steps.flatMap((step) =>
    step.state !== 'sent' && step.kind !== 'recall' ? { key: step.id, text: wordsOf(step) } : [],
  );
}

/** A message of files alone is told by their names. */
function wordsOf(step: Exclude<Step, { kind: 'recall' }>): string {
  const files = step.kind === 'send' ? step.attachments : undefined;
  return step.content || (files?.map(({ name }) => name).join(', ') ?? '');
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
