/** The files that are listed, each once, the newest message first. Pure. */
import type { FileCategory, FileRow, FileRows, Message, NextFiles } from '../../gen/wire';

export interface Shelf {
  readonly rows: readonly FileRow[];
  /** Where it goes on: nothing at the end. */
  readonly next: NextFiles | 'begin' | undefined;
  /** Messages that were taken back: an answer that was under way meanwhile may still have their files. */
  readonly gone: ReadonlySet<number>;
}

export const EMPTY_SHELF: Shelf = { rows: [], next: 'begin', gone: new Set() };

/** As the server orders them. */
const byAge = (one: FileRow, other: FileRow) => other.message_id - one.message_id || other.id - one.id;

function withRows(shelf: Shelf, rows: readonly FileRow[]): Shelf {
  const fresh = rows.filter(({ message_id }) => !shelf.gone.has(message_id));
  const ids = new Set(fresh.map(({ id }) => id));
  return { ...shelf, rows: [...shelf.rows.filter(({ id }) => !ids.has(id)), ...fresh].sort(byAge) };
}

/** The page behind those that are here. */
export function filled(shelf: Shelf, { files, next }: FileRows): Shelf {
  return { ...withRows(shelf, files), next: next ?? undefined };
}

/** The newest page again, after a time in which nothing was told: what it does not have any more is gone, what is older stays. */
export function refreshed(shelf: Shelf, page: FileRows): Shelf {
  const last = page.files.at(-1);
  // Where it does not reach what is here, there may be others in between.
  const meets = page.next && last && shelf.rows.some((row) => byAge(row, last) <= 0);
  if (!meets) return filled({ ...shelf, rows: [] }, page);
  return withRows({ ...shelf, rows: shelf.rows.filter((row) => byAge(last, row) < 0) }, page.files);
}

/** A message that was just told, as far as its files are wanted here. */
export function posted(shelf: Shelf, message: Message, wants: (row: FileRow) => boolean): Shelf {
  const rows = rowsOfMessage(message).filter(wants);
  return rows.length === 0 ? shelf : withRows(shelf, rows);
}

export function withdrawn(shelf: Shelf, messageId: number): Shelf {
  const rows = shelf.rows.filter(({ message_id }) => message_id !== messageId);
  return { ...shelf, rows, gone: new Set(shelf.gone).add(messageId) };
}

function rowsOfMessage({ id, room_id, seq, user_id, username, created_at, attachments }: Message): FileRow[] {
  return attachments.map((file) => ({ ...file, message_id: id, room_id, seq, user_id, username, created_at }));
}

/** What is known already of what is wanted now, until the answer comes. */
export function narrowed(shelf: Shelf, category: FileCategory | undefined, words: string): Shelf {
  return { ...EMPTY_SHELF, gone: shelf.gone, rows: shelf.rows.filter((row) => isWanted(row, category, words)) };
}

/** Whether a file is of the kind and called what is looked for, as the server would have it. */
export function isWanted(row: FileRow, category: FileCategory | undefined, words: string): boolean {
  if (category && row.category !== category) return false;
  return row.file_name.toLocaleLowerCase().includes(words.toLocaleLowerCase());
}
