/** How a list of files is drawn: days, pictures side by side, a line for each other file. Pure. */
import type { FileRow } from '../../gen/wire';
import { dayKey } from '../../lib/time';

export type Line =
  | { readonly kind: 'day'; readonly key: string; readonly at: string }
  | { readonly kind: 'pictures'; readonly key: string; readonly files: readonly FileRow[] }
  | { readonly kind: 'file'; readonly key: string; readonly file: FileRow }
  | { readonly kind: 'more' | 'end'; readonly key: string };

/** Pictures that follow each other on one day stand side by side, so many in a line. */
export function listLines(rows: readonly FileRow[], columns: number, more: boolean): readonly Line[] {
  const lines: Line[] = [];
  let day: string | undefined;
  let side: FileRow[] = [];
  const close = () => {
    for (let at = 0; at < side.length; at += columns) {
      const files = side.slice(at, at + columns);
      lines.push({ kind: 'pictures', key: `p${files[0]?.id}`, files });
    }
    side = [];
  };
  for (const file of rows) {
    const key = dayKey(file.created_at);
    if (key !== day) {
      close();
      day = key;
      lines.push({ kind: 'day', key, at: file.created_at });
    }
    if (file.category === 'image') {
      side.push(file);
    } else {
      close();
      lines.push({ kind: 'file', key: `f${file.id}`, file });
    }
  }
  close();
  lines.push(more ? { kind: 'more', key: 'more' } : { kind: 'end', key: 'end' });
  return lines;
}
