/** What the rest of the client may know of the state. */
export * from './drafts';
export { cover, EMPTY_LOG, type Log, type Span, spanAt, spanOfPage, trim } from './log';
export * from './look';
export * from './outbox';
export * from './select';
export * from './stores';
export * from './world';
