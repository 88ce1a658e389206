/** The conversation of one room, as a list that keeps its place. */

export { isRowAction } from './row-table';
export { Timeline, type TimelineProps } from './timeline';
