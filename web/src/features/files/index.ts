/** Files of a room, and of all rooms. */
export { FileList, type FileListProps } from './list';
export type { FileParts, PlayerProps } from './parts';
