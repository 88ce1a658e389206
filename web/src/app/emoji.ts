/** Hands the emoji feature to the composer; what draws and what searches come when they are wanted. */
import type { EmojiSupport } from '../features/composer';
import { useLook } from '../state';
import { lazyCode, preloadOverlays } from '../ui';
import { lazyWithWords } from './words';

const data = lazyCode(() => import('../features/emoji/data'));
const Popover = lazyWithWords(() => import('../features/emoji/popover'), {
  wanted: ({ open }) => open,
  place: 'notice',
});

export const emoji: EmojiSupport = {
  Popover,
  preload: () => {
    preloadOverlays();
    void Popover.preload();
    data()
      .then(({ loadEmoji }) => loadEmoji(useLook.getState().locale))
      .catch(() => undefined);
  },
  search: async (word, locale) => (await data()).searchEmoji(word, locale),
};
