/** What a file is by its media type, for an icon and a word. */

export type FileKind = 'picture' | 'video' | 'audio' | 'text' | 'archive' | 'sheet' | 'code' | 'other';

const KINDS: readonly (readonly [FileKind, RegExp])[] = [
  ['picture', /^image\//],
  ['video', /^video\//],
  ['audio', /^audio\//],
  ['archive', /zip|x-tar|x-7z|rar|gzip|compress|bzip|zstd/],
  ['sheet', /spreadsheet|ms-excel|csv/],
  ['code', /json|xml|javascript|typescript|html|css$|x-sh|x-python|x-rust/],
  ['text', /^text\/|pdf|document|msword|rtf|presentation|powerpoint|epub/],
];

export function fileKind(mediaType: string): FileKind {
  return KINDS.find(([, pattern]) => pattern.test(mediaType))?.[0] ?? 'other';
}

/** The end of a name that tells people what it is: `PDF`. */
export function fileSuffix(name: string): string {
  return /(?<=.)\.([\p{L}\p{N}]{1,5})$/u.exec(name)?.[1]?.toUpperCase() ?? '';
}
