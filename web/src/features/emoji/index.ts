/** Picking emoji, and finding them by `:name`. The picker and its data load when they are first wanted. */
export { type FoundEmoji, searchEmoji } from './data';
export { EmojiPopover, type EmojiPopoverProps, preloadEmoji } from './popover';
export { rememberEmoji } from './recent';
