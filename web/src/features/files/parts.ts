/** What plays and enlarges the files of a list. */
import type { ComponentType } from 'react';
import type { FileRow } from '../../gen/wire';

export interface PlayerProps {
  file: FileRow;
  /** As it is called where it sounds. */
  title: string;
}

/** Handed in by `app/`. */
export interface FileParts {
  readonly Audio: ComponentType<PlayerProps>;
  /** It plays at once. */
  readonly Video: ComponentType<PlayerProps>;
  readonly Lightbox: ComponentType<{
    files: readonly FileRow[];
    fileId: number | undefined;
    onClose(): void;
    onJump(file: FileRow): void;
    /** The last of them is looked at. */
    onLast(): void;
  }>;
}
