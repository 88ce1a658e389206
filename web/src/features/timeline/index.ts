/** The conversation of one room, as a list that keeps its place. */

export { FilesContext, type FilesProps } from './files';
export { isRowAction } from './row-table';
export { Timeline, type TimelineProps } from './timeline';
