import { expect, test } from 'vitest';
import type { FileRow } from '../../gen/wire';
import { listLines } from './lines';

const file = (id: number, category: FileRow['category'], day = 28) =>
  ({ id, category, created_at: `2026-11-${day}T12:00:00.000Z` }) as FileRow;
const drawn = (rows: readonly FileRow[], columns = 3, more = false) =>
  listLines(rows, columns, more).map((line) => {
    if (line.kind === 'pictures') return line.files.map(({ id }) => id);
    return line.kind === 'file' ? line.file.id : line.kind;
  });

test('pictures that follow each other stand side by side, so many in a line', () => {
  const rows = [file(9, 'image'), file(8, 'image'), file(7, 'image'), file(6, 'image'), file(5, 'file')];
  expect(drawn(rows)).toEqual(['day', [9, 8, 7], [6], 5, 'end']);
  expect(drawn(rows, 4)).toEqual(['day', [9, 8, 7, 6], 5, 'end']);
});

test('another file between pictures keeps its place, and each day begins anew', () => {
  const rows = [file(9, 'image'), file(8, 'audio'), file(7, 'image'), file(6, 'image', 27)];
  expect(drawn(rows)).toEqual(['day', [9], 8, [7], 'day', [6], 'end']);
});

test('where there is more the list does not end', () => {
  expect(drawn([], 3, true)).toEqual(['more']);
  expect(drawn([file(9, 'video')], 3, true)).toEqual(['day', 9, 'more']);
});
