/**
 * The place's own emoji: their list is asked for when it is first needed, and again when the server names another one. Without
 * an answer names stay the text they are.
 */
import type { CustomEmoji } from '../gen/wire';
import { Wait } from '../lib/wait';
import { useNews, useSession } from '../state';
import { emojisOf, useEmojis } from '../state/emojis';
import { call } from './api';
import { carry } from './carry';

const RETRY_MS = 30_000;
const again = new Wait();
let asking: Promise<void> | undefined;
/** Which list is the newest, as far as was told since it is needed. */
let told: number | undefined;
/** What was told when the list was asked for: an answer may be of another version by then, and that is told, too. */
let askedAt: number | undefined;
let follows = false;

/** From here on the list is kept up to date. Done once the first answer is there, or did not come. */
export function needEmojis(): Promise<void> {
  if (follows) return asking ?? Promise.resolve();
  follows = true;
  useNews.subscribe(({ frame }) => {
    if (frame?.type === 'emojis_changed') told = frame.version;
    // A server that has just started knows none for a moment.
    else if (frame?.type === 'welcome') told = frame.emojis_version || told;
    else return;
    void refresh();
  });
  return refresh();
}

function refresh(): Promise<void> {
  const { version } = useEmojis.getState();
  const isNewest = version !== undefined && (told === undefined || told === version || told === askedAt);
  if (isNewest || useSession.getState().status !== 'active') return Promise.resolve();
  const then = told;
  asking ??= ask(then).finally(() => {
    asking = undefined;
    // It may have changed while the answer was on its way.
    if (then !== told) void refresh();
  });
  return asking;
}

async function ask(then: number | undefined): Promise<void> {
  try {
    const { version, emojis } = await call('get', '/api/emojis');
    askedAt = then;
    useEmojis.setState(emojisOf(version, emojis), true);
  } catch {
    again.start(RETRY_MS, () => void refresh());
  }
}

/** `onSent` hears which part of the picture has gone out, from 0 to 1. */
export async function addEmoji(
  name: string,
  picture: Blob,
  onSent: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const body = new FormData();
  body.append('name', name);
  body.append('file', picture, name);
  const { text } = await carry('POST', '/api/emojis', {
    body,
    signal,
    // What surrounds the part on its way is counted, too.
    onSent: (count) => onSent(Math.min(1, count / picture.size)),
  });
  const added: CustomEmoji = JSON.parse(text).data;
  change((list) => [...list.filter(({ id }) => id !== added.id), added]);
}

export async function deleteEmoji(id: number): Promise<void> {
  await call('delete', '/api/emojis/{id}', { path: { id } });
  change((list) => list.filter((one) => one.id !== id));
}

/** Shown at once; the whole list follows, for it has another version now. */
function change(changed: (list: readonly CustomEmoji[]) => readonly CustomEmoji[]): void {
  useEmojis.setState(({ version = 0, list }) => emojisOf(version, changed(list)), true);
}
