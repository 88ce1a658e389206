/** Hands files to the composer and to the rows; what draws them and what takes them to the server come when they are wanted. */
import type { FilesSupport } from '../features/composer';
import type { FilesProps } from '../features/timeline';
import { lazyCode } from '../ui';
import { lazyWithWords } from './words';

const carrying = lazyCode(() => import('./carry-files'));

export const Attachments = lazyWithWords<FilesProps>(() => import('./attachments'));

export const files: FilesSupport = {
  Sight: lazyWithWords(() => import('../features/composer/files-sight'), {
    wanted: ({ holds, dragging, choosing }) => holds || dragging || choosing !== null,
  }),
  add: async (place, list) => (await carrying()).addFiles(place, list),
};
