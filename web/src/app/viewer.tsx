/** What stands in front of a room when one looks at its pictures. It comes after the room. */
import type { Place } from '../state';
import { useViewer } from './viewed';
import { lazyWithWords } from './words';

const Lightbox = lazyWithWords(() => import('../features/media/lightbox'), {
  wanted: ({ fileId }) => fileId !== undefined,
  place: 'notice',
});

const close = () => useViewer.setState({ fileId: undefined });

export default function Viewer({ place, onJump }: { place: Place; onJump(seq: number): void }) {
  const fileId = useViewer((viewer) => viewer.fileId);
  return <Lightbox place={place} fileId={fileId} onClose={close} onJump={onJump} />;
}
