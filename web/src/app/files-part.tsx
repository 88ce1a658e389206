/** The files of a composer, with what shows them and what takes them to the server, which come with the first of them. */

import { useEffect, useState } from 'react';
import type { FilesPartProps } from '../features/composer';
import { FilesPart, type FilesSupport, type RecordingProps } from '../features/composer/files-part';
import { lazyCode } from '../ui';
import { lazyWithWords } from './words';

const IDLE_MS = 1000;

const carrying = lazyCode(() => import('./carry-files'));

interface RecordersProps extends RecordingProps {
  idle: boolean;
}

const Recorders = lazyWithWords<RecordersProps>(() => import('./recording'), {
  wanted: ({ idle }) => idle,
  place: 'nowhere',
});

/** Who comes to a room reads first: what records is fetched once nothing else is. */
function Recording(props: RecordingProps) {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIdle(true), IDLE_MS);
    return () => clearTimeout(timer);
  }, []);
  return <Recorders {...props} idle={idle} />;
}

const files: FilesSupport = {
  Sight: lazyWithWords(() => import('../features/composer/files-sight'), {
    wanted: ({ holds, dragging, choosing }) => holds || dragging || choosing !== null,
  }),
  Recording,
  add: async (place, list) => (await carrying()).addFiles(place, list),
};

export default function ComposerFiles(props: FilesPartProps) {
  return <FilesPart {...props} files={files} />;
}
