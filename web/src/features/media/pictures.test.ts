import { expect, test } from 'vitest';
import type { Attachment } from '../../gen/wire';
import { message } from '../../state/samples';
import { picturesOf, thumbOf } from './pictures';

const file = (id: number, category: Attachment['category'] = 'image', thumbs = [256, 1024]): Attachment => ({
  id,
  file_name: `${id}.png`,
  file_size: 1,
  file_type: 'image/png',
  category,
  thumbs,
  waveform: [],
});
const row = (id: number, attachments: Attachment[] = [], recalled_at?: string) =>
  message(id * 10, { id, attachments, ...(recalled_at && { recalled_at }) });

test('one leafs through all pictures of a room in their order, and through nothing else', () => {
  const rows = [row(1, [file(11), file(12, 'file')]), row(2), row(3, [file(31, 'video'), file(32), file(33)])];
  expect(picturesOf(rows).map((picture) => [picture.file.id, picture.seq])).toEqual([
    [11, 10],
    [32, 30],
    [33, 30],
  ]);
});

test('what was taken back is not shown any more', () => {
  expect(picturesOf([row(1, [file(11)], '2026-11-28T06:01:00Z')])).toEqual([]);
});

test('the thumb is the largest that fits, where there is one', () => {
  expect(thumbOf(file(1), 1024)).toBe(1024);
  expect(thumbOf(file(1), 300)).toBe(256);
  expect(thumbOf(file(1, 'image', []), 1024)).toBeUndefined();
});
