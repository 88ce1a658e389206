/** The pictures of the messages that are held, in their order, as one leafs through them. Pure. */

/** What is asked of a file here, of those that a message shows. */
export interface PictureFile {
  readonly id: number;
  readonly file_name: string;
  readonly category: string;
  readonly width?: number | null | undefined;
  readonly height?: number | null | undefined;
  readonly thumbs: readonly number[];
}

export interface Picture {
  readonly file: PictureFile;
  readonly messageId: number;
  readonly seq: number;
  readonly userId: number;
  readonly username: string;
  readonly at: string;
  /** What was said with it. */
  readonly words: string;
}

interface Row {
  readonly id: number;
  readonly seq: number;
  readonly user_id: number;
  readonly username: string;
  readonly created_at: string;
  readonly content: string;
  readonly recalled_at?: string | null | undefined;
  readonly attachments?: readonly PictureFile[] | undefined;
}

export function picturesOf(rows: readonly Row[]): Picture[] {
  return rows.flatMap((row) =>
    row.recalled_at
      ? []
      : (row.attachments ?? [])
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
export function thumbOf(file: PictureFile, most: number): number | undefined {
  return file.thumbs.filter((size) => size <= most).sort((a, b) => b - a)[0];
}
