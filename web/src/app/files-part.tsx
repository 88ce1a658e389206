/** The files of a composer, with what shows them and what takes them to the server, which come with the first of them. */
import type { FilesPartProps } from '../features/composer';
import { FilesPart, type FilesSupport } from '../features/composer/files-part';
import { lazyCode } from '../ui';
import { lazyWithWords } from './words';

const carrying = lazyCode(() => import('./carry-files'));

const files: FilesSupport = {
  Sight: lazyWithWords(() => import('../features/composer/files-sight'), {
    wanted: ({ holds, dragging, choosing }) => holds || dragging || choosing !== null,
  }),
  Recording: lazyWithWords(() => import('./recording'), { place: 'nowhere' }),
  add: async (place, list) => (await carrying()).addFiles(place, list),
};

export default function ComposerFiles(props: FilesPartProps) {
  return <FilesPart {...props} files={files} />;
}
