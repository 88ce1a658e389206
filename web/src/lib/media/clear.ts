/** Whether a picture lets through what is behind it: its placeholder says so, a ThumbHash in the highest bit of its third byte. */
export function isClear(placeholder: string | null | undefined): boolean {
  try {
    return placeholder ? (atob(placeholder).charCodeAt(2) & 0x80) !== 0 : false;
  } catch {
    return false;
  }
}
