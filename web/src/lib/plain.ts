/** Short plain renderings of Markdown source, for quotes and lists where no formatting belongs. */

/** Takes the commonest marks away; what is left reads like speech. */
export function plainText(source: string): string {
  return source
    .replace(/```[^\n]*\n?([\s\S]*?)```/g, '$1')
    .replace(/`([^`]+)`/g, '$1')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__|~~)(.+?)\1/g, '$2')
    .replace(/^\s{0,3}(?:#{1,6}|>|[-*+](?:\s+\[[ x]\])?)\s+/gim, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Characters as the server counts them: Unicode scalar values, not UTF-16 units. */
export function charCount(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
