/** Hands the emoji feature to the composer. */
import type { EmojiSupport } from '../features/composer';
import { EmojiPopover, preloadEmoji, searchEmoji } from '../features/emoji';
import { useLook } from '../state';

export const emoji: EmojiSupport = {
  Popover: EmojiPopover,
  preload: () => preloadEmoji(useLook.getState().locale),
  search: searchEmoji,
};
