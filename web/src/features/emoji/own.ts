/** The names of the place's own emoji: how they are written, and what may be one. */
import type { CustomEmoji } from '../../gen/wire';
import { useEmojis } from '../../state/emojis';

export const NAME_LENGTH = { least: 2, most: 32 };

export const shortcode = (name: string): string => `:${name}:`;

/** The emoji of the place that is written so, if it is one. */
export function useOwn(written: string): CustomEmoji | undefined {
  return useEmojis(({ byName }) => (written[0] === ':' ? byName.get(written.slice(1, -1)) : undefined));
}

export type NameFault = 'letters' | 'short' | 'long' | 'taken';

/** What is wrong with a name, if anything is. An empty one is no fault yet. */
export function faultOf(name: string, isTaken: (name: string) => boolean): NameFault | undefined {
  if (!/^[a-z\d_-]*$/.test(name)) return 'letters';
  if (name.length > NAME_LENGTH.most) return 'long';
  if (isTaken(name)) return 'taken';
  return name.length === 1 ? 'short' : undefined;
}

/** What a file's name makes of a name: `Party Parrot (2).PNG` is `party-parrot-2`. Empty where nothing is left of it. */
export function nameFrom(file: string): string {
  const name = file
    .replace(/\.\w+$/, '')
    .toLowerCase()
    .replace(/[^a-z\d_]+/g, '-')
    .slice(0, NAME_LENGTH.most)
    .replace(/^-+|-+$/g, '');
  return name.length < NAME_LENGTH.least ? '' : name;
}
