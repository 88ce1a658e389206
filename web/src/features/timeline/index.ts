/** The conversation of one room, as a list that keeps its place. */
export { Timeline, type TimelineProps } from './timeline';
