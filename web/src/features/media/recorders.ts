/** The recordings of this page, by place and kind: they stay where they were made until they are sent or thrown away. */
import type { RecordingKind } from '../../lib/media/formats';
import { holdsSound } from '../../lib/media/recording';
import { type Place, useSession } from '../../state';
import { openCapture } from './capture';
import { Recorder } from './recorder';

const held = new Map<string, Recorder>();

export function recorderOf(kind: RecordingKind, place: Place): Recorder {
  const key = `${kind} ${place}`;
  const known = held.get(key);
  if (known) return known;
  const recorder = new Recorder(kind, openCapture, () => performance.now());
  held.set(key, recorder);
  return recorder;
}

/** Nobody draws it any more. What holds nothing is forgotten. */
export function leaveRecorder(kind: RecordingKind, place: Place): void {
  const key = `${kind} ${place}`;
  const recorder = held.get(key);
  if (!recorder) return;
  recorder.leave();
  if (!holdsSound(recorder.store.getState().recording)) held.delete(key);
}

const unsent = () => [...held.values()].some(({ store }) => holdsSound(store.getState().recording));

window.addEventListener('beforeunload', (event) => {
  if (unsent()) event.preventDefault();
});

// What belongs to an account goes with it.
useSession.subscribe(({ status }) => {
  if (status !== 'anonymous') return;
  for (const recorder of held.values()) recorder.discard();
  held.clear();
});
