/** Files of a room, and of all rooms. */
export { FileList, type FileListProps, type FileParts } from './list';
