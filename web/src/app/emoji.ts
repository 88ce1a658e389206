/** Hands the emoji feature to the composer; what draws and what searches come when they are wanted. */
import type { EmojiSupport } from '../features/composer';
import { Named } from '../features/timeline';
import { useLook } from '../state';
import { lazyCode, preloadOverlays } from '../ui';
import { lazyWithWords } from './words';

const search = lazyCode(() => import('../features/emoji/search'));
const Popover = lazyWithWords(() => import('../features/emoji/popover'), {
  wanted: ({ open }) => open,
  place: 'notice',
});

export const emoji: EmojiSupport = {
  Popover,
  preload: () => {
    preloadOverlays();
    void Popover.preload();
    search()
      .then(({ preloadEmoji }) => preloadEmoji(useLook.getState().locale))
      .catch(() => undefined);
  },
  search: async (word, locale) => (await search()).searchEmoji(word, locale),
  Named,
};
