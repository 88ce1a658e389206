/** Half of an emoji is no text: no encoding of the wire can carry it, so it becomes the sign for what cannot be read. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
