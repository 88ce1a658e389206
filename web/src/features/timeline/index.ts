/** The conversation of one room, as a list that keeps its place. */

export { FilesContext, type FilesProps } from './files';
export { Named, type NamedProps } from './named';
export { isRowAction } from './row-table';
export { Timeline, type TimelineProps } from './timeline';
