/** What the rest of the client may know of the state. */
export * from './drafts';
export * from './leftovers';
export { EMPTY_LOG, type Log, type Page, type Span, type Stretch, spanAt, stretchOfPage } from './log';
export * from './look';
export { messageOf, rowsOf } from './messages';
export * from './place';
export * from './select';
export * from './steps';
export * from './stores';
export * from './today';
export * from './uploads';
export * from './world';
