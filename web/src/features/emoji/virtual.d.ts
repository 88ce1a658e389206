/** What `scripts/emoji-data.ts` makes of emojibase's data. */
interface TrimmedEmojiData {
  groups: string[];
  /** Emoji, group, label, tags, short names (both `|` between), the five skin tones (spaces between, or `*`, see `tones.ts`). */
  emojis: [emoji: string, group: number, label: string, tags: string, names: string, skins: string][];
}

declare module 'virtual:emoji/en' {
  const data: TrimmedEmojiData;
  export default data;
}

declare module 'virtual:emoji/zh' {
  const data: TrimmedEmojiData;
  export default data;
}
