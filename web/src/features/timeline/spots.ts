/**
 * Where somebody stood in a place when they left it, so that it is found again there: by the step of the browser's history
 * for Back and reload, by the place for everybody who comes another way. Kept as long as the tab.
 */
import { newId } from '../../lib/ids';
import { type Place, useChat, useSession } from '../../state';

/** The row at the upper edge of the view, and how much of it is above the edge, in px. */
export interface Spot {
  readonly epoch: number | null;
  readonly seq: number;
  readonly offset: number;
}

/** At the end one wants to be at the end again, whatever came meanwhile. */
export type Stand = Spot | 'end';

const KEY = 'chinwag.spots';
const STEP = 'step';
const KEPT = 200;

interface Kept {
  readonly user: number | undefined;
  readonly places: Map<string, Stand>;
  readonly steps: Map<string, Stand>;
}

let kept: Kept | undefined;

function read(user: number | undefined): Kept {
  try {
    const saved = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
    if (user !== undefined && saved.user === user) {
      return { user, places: new Map(saved.places), steps: new Map(saved.steps) };
    }
  } catch {
    // Storage is closed, or somebody else wrote there: the spots begin anew.
  }
  return { user, places: new Map(), steps: new Map() };
}

/** Those of the account whose page this is. */
function mine(): Kept {
  const user = useSession.getState().me?.id;
  if (kept?.user !== user) kept = undefined;
  kept ??= read(user);
  return kept;
}

function put(spots: Map<string, Stand>, key: string, stand: Stand): void {
  spots.delete(key);
  spots.set(key, stand);
  const [oldest] = spots.keys();
  if (spots.size > KEPT && oldest !== undefined) spots.delete(oldest);
}

function save({ user, places, steps }: Kept): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ user, places: [...places], steps: [...steps] }));
  } catch {
    // Storage is closed or full: they last as long as the page.
  }
}

function marked(): string | undefined {
  const state: unknown = history.state;
  return typeof state === 'object' && state !== null && STEP in state ? String(state[STEP]) : undefined;
}

/** Names the step of the browser's history that the page is at. */
export function stepHere(): string {
  const known = marked();
  if (known !== undefined) return known;
  const step = newId();
  history.replaceState({ ...history.state, [STEP]: step }, '');
  return step;
}

/** Where to open a place. A step that was left goes before all, so that a link to a message leads there once and not at each reload. */
export function standAt(place: Place, jumps: boolean): Stand | undefined {
  const { places, steps } = mine();
  const step = marked();
  const stand = (step === undefined ? undefined : steps.get(step)) ?? (jumps ? undefined : places.get(place));
  if (stand === undefined || stand === 'end') return stand;
  const { epoch } = useChat.getState();
  // Positions of another history mean other messages.
  return epoch === null || stand.epoch === null || stand.epoch === epoch ? stand : undefined;
}

export function leaveStep(step: string, stand: Stand): void {
  const held = mine();
  put(held.steps, step, stand);
  save(held);
}

export function leavePlace(place: Place, stand: Stand): void {
  const held = mine();
  if (stand === 'end') held.places.delete(place);
  else put(held.places, place, stand);
  save(held);
}
