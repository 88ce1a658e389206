/** Hands files to the composer and to the rows: what they do with them comes when it is wanted. */
import type { FilesPartProps } from '../features/composer';
import type { FilesProps } from '../features/timeline';
import type { Place } from '../state';
import { lazyPart } from '../ui';
import { lazyWithWords } from './words';

// They stand in every room, and are asked for with it.
const STANDING = { place: 'nowhere', onlyOnDemand: true } as const;

export const Files = lazyPart<FilesPartProps>(() => import('./files-part'), STANDING);
interface ViewerProps {
  place: Place;
  onJump(seq: number): void;
}

export const Viewer = lazyPart<ViewerProps>(() => import('./viewer'), STANDING);
export const Attachments = lazyWithWords<FilesProps>(() => import('./attachments'), { waiting: placeOfFiles });

/** The place that they will have, or nearly: what stands around it does not move when they come. */
function placeOfFiles({ message: { attachments } }: FilesProps) {
  const { width, height } = attachments[0] ?? {};
  const style = width && height ? { width, aspectRatio: width / height } : undefined;
  return <div className="tl-coming" style={style} />;
}
