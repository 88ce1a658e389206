/**
 * The place's own emoji: their list is asked for when it is first needed, and again when the server names another one. Until there is
 * an answer they are those of the last visit; where there was none, names stay the text they are.
 */
import type { CustomEmoji } from '../gen/wire';
import { Wait, within } from '../lib/wait';
import { useNews, useSession } from '../state';
import { emojisOf, NO_EMOJIS, useEmojis } from '../state/emojis';
import { call } from './api';
import { database } from './cache';
import { carry } from './carry';

const RETRY_MS = 30_000;
/** All pages hear of a change at the same moment, and are not to ask at the same moment. */
const SPREAD_MS = 1000;
/** However fast somebody makes and deletes them, a page asks no more often. */
const CALM_MS = 3000;
const DISK_MS = 1500;
const again = new Wait();
const news = new Wait();
let askedWhen = Number.NEGATIVE_INFINITY;
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
    if (frame?.type === 'emojis_changed') {
      told = frame.version;
      soon();
    } else if (frame?.type === 'welcome') {
      // A server that has just started knows none for a moment.
      told = frame.emojis_version || told;
      void refresh();
    }
  });
  void recall();
  return refresh();
}

/** Those of the last visit, where nothing newer is here: a page does not begin with their names, nor show these alone without a line. */
async function recall(): Promise<void> {
  const disk = await within(database(), DISK_MS);
  const kept: unknown = await disk?.get('emojis', 'all').catch(() => undefined);
  if (!Array.isArray(kept) || useEmojis.getState() !== NO_EMOJIS) return;
  const { list, byName } = emojisOf(0, kept.filter(isEmoji));
  useEmojis.setState({ list, byName }, true);
}

/** Another build may have kept something else. */
const isEmoji = (one: Partial<CustomEmoji> | null) => typeof one?.name === 'string' && typeof one.url === 'string';

function soon(): void {
  const calm = askedWhen + CALM_MS - performance.now();
  news.start(Math.max(calm, Math.random() * SPREAD_MS), () => void refresh());
}

function refresh(): Promise<void> {
  const { version } = useEmojis.getState();
  const isNewest = version !== undefined && (told === undefined || told === version || told === askedAt);
  if (isNewest || useSession.getState().status !== 'active') return Promise.resolve();
  const then = told;
  asking ??= ask(then).finally(() => {
    asking = undefined;
    // It may have changed while the answer was on its way.
    if (then !== told) soon();
  });
  return asking;
}

async function ask(then: number | undefined): Promise<void> {
  askedWhen = performance.now();
  try {
    const { version, emojis } = await call('get', '/api/emojis');
    askedAt = then;
    useEmojis.setState(emojisOf(version, emojis), true);
    if (useSession.getState().status === 'active') void keep(emojis);
  } catch {
    again.start(RETRY_MS, () => void refresh());
  }
}

async function keep(emojis: CustomEmoji[]): Promise<void> {
  const disk = await database();
  await disk?.put('emojis', emojis, 'all').catch(() => undefined);
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
