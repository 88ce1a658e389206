/** The pictures of the messages that are held, in their order, as one leafs through them. Pure. */

import type { Attachment, Message } from '../../gen/wire';

export interface Picture {
  readonly file: Attachment;
  readonly messageId: number;
  readonly seq: number;
  readonly userId: number;
  readonly username: string;
  readonly at: string;
  /** What was said with it. */
  readonly words: string;
}

export function picturesOf(rows: readonly Message[]): Picture[] {
  return rows.flatMap((row) =>
    row.recalled_at
      ? []
      : row.attachments
          .filter(({ category }) => category === 'image')
          .map((file) => ({
            file,
            messageId: row.id,
            seq: row.seq,
            userId: row.user_id,
            username: row.username,
            at: row.created_at,
            words: row.content,
          })),
  );
}

/** The largest of its smaller pictures that is no larger than this. */
export function thumbOf(file: Attachment, most: number): number | undefined {
  return file.thumbs.filter((size) => size <= most).sort((a, b) => b - a)[0];
}
