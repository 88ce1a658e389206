/** Where one writes. */
export { Composer, type ComposerHandle, type ComposerProps, type EmojiSupport } from './composer';
export type { FilesPartProps } from './files-part';
