/** The place's own emoji, as the server listed them last. It comes with the first thing that may show one. */
import { create } from 'zustand';
import type { CustomEmoji } from '../gen/wire';

export interface Emojis {
  /** Which list this is; undefined until there was one. */
  readonly version?: number;
  /** In the order of their names. */
  readonly list: readonly CustomEmoji[];
  readonly byName: ReadonlyMap<string, CustomEmoji>;
}

export const NO_EMOJIS: Emojis = { list: [], byName: new Map() };
export const useEmojis = create<Emojis>(() => NO_EMOJIS);

export function emojisOf(version: number, emojis: readonly CustomEmoji[]): Emojis {
  const list = emojis.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return { version, list, byName: new Map(list.map((one) => [one.name, one])) };
}
