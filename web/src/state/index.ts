/** What the rest of the client may know of the state. */
export * from './changes';
export * from './drafts';
export { cover, EMPTY_LOG, type Log, revise, type Span, spanAt, spanOfPage, trim } from './log';
export * from './look';
export * from './outbox';
export * from './select';
export * from './stores';
export * from './today';
export * from './world';
