/** The files that are listed, each once, the newest message first. Pure. */
import type { FileCategory, FileRow, FileRows, Message, NextFiles } from '../../gen/wire';

export interface FileListing {
  readonly rows: readonly FileRow[];
  /** Where it goes on: nothing at the end. */
  readonly next: NextFiles | 'begin' | undefined;
  /** Messages that were taken back: an answer that was under way meanwhile may still have their files. */
  readonly gone: ReadonlySet<number>;
}

export const EMPTY_LISTING: FileListing = { rows: [], next: 'begin', gone: new Set() };

/** As the server orders them. */
const byAge = (one: FileRow, other: FileRow) => other.message_id - one.message_id || other.id - one.id;

function withRows(listing: FileListing, rows: readonly FileRow[]): FileListing {
  const fresh = rows.filter(({ message_id }) => !listing.gone.has(message_id));
  const ids = new Set(fresh.map(({ id }) => id));
  return { ...listing, rows: [...listing.rows.filter(({ id }) => !ids.has(id)), ...fresh].sort(byAge) };
}

/** The page behind those that are here. */
export function filled(listing: FileListing, { files, next }: FileRows): FileListing {
  return { ...withRows(listing, files), next: next ?? undefined };
}

/** The newest page again, after a time in which nothing was told: what it does not have any more is gone, what is older stays. */
export function refreshed(listing: FileListing, page: FileRows): FileListing {
  const last = page.files.at(-1);
  // Where it does not reach what is here, there may be others in between.
  const meets = page.next && last && listing.rows.some((row) => byAge(row, last) <= 0);
  if (!meets) return filled({ ...listing, rows: [] }, page);
  return withRows({ ...listing, rows: listing.rows.filter((row) => byAge(last, row) < 0) }, page.files);
}

/** A message that was just told, as far as its files are wanted here. */
export function posted(listing: FileListing, message: Message, wants: (row: FileRow) => boolean): FileListing {
  const rows = rowsOfMessage(message).filter(wants);
  return rows.length === 0 ? listing : withRows(listing, rows);
}

export function withdrawn(listing: FileListing, messageId: number): FileListing {
  const rows = listing.rows.filter(({ message_id }) => message_id !== messageId);
  return { ...listing, rows, gone: new Set(listing.gone).add(messageId) };
}

function rowsOfMessage({ id, room_id, seq, user_id, username, created_at, type, attachments }: Message): FileRow[] {
  const said = { message_id: id, message_type: type, room_id, seq, user_id, username, created_at };
  return attachments.map((file) => ({ ...file, ...said }));
}

/** What is known already of what is wanted now, until the answer comes. */
export function narrowed(listing: FileListing, category: FileCategory | undefined, words: string): FileListing {
  return { ...EMPTY_LISTING, gone: listing.gone, rows: listing.rows.filter((row) => isWanted(row, category, words)) };
}

/** Whether a file is of the kind and called what is looked for, as the server would have it. */
export function isWanted(row: FileRow, category: FileCategory | undefined, words: string): boolean {
  if (category && row.category !== category) return false;
  return row.file_name.toLocaleLowerCase().includes(words.toLocaleLowerCase());
}
