import { expect, test } from 'vitest';
import type { FileRow, Message } from '../../gen/wire';
import { EMPTY_LISTING, filled, isWanted, narrowed, posted, refreshed, withdrawn } from './listing';

const row = (message_id: number, id = message_id * 10, more: Partial<FileRow> = {}): FileRow => ({
  id,
  file_name: `${id}.png`,
  file_size: 1,
  file_type: 'image/png',
  category: 'image',
  waveform: [],
  thumbs: [],
  message_id,
  room_id: 1,
  seq: message_id,
  user_id: 2,
  username: 'maya',
  created_at: '2026-11-28T09:00:00.000Z',
  message_type: 'image',
  ...more,
});
const message = (id: number, ...attachments: FileRow[]) =>
  ({ id, room_id: 1, seq: id, user_id: 2, username: 'maya', created_at: '', attachments }) as unknown as Message;
const next = { before_message: 5, before: 50 };
const ids = (listing: { rows: readonly FileRow[] }) => listing.rows.map(({ id }) => id);
const everything = () => true;

test('pages follow each other, each file once, and the end is told', () => {
  const first = filled(EMPTY_LISTING, { files: [row(9), row(7)], next });
  const both = filled(first, { files: [row(7), row(5, 52), row(5, 51)] });
  expect(first.next).toEqual(next);
  expect([ids(both), both.next]).toEqual([[90, 70, 52, 51], undefined]);
});

test('a message that is told is first, and what is not looked for stays out', () => {
  const held = filled(EMPTY_LISTING, { files: [row(7)], next });
  const told = message(8, row(8, 81), row(8, 82, { category: 'file' }));
  expect(ids(posted(held, told, everything))).toEqual([82, 81, 70]);
  expect(ids(posted(held, told, (file) => isWanted(file, 'file', '')))).toEqual([82, 70]);
  expect(posted(held, message(8), everything)).toBe(held);
});

test('what was told before the first page came is not lost with it', () => {
  const early = posted(EMPTY_LISTING, message(9, row(9)), everything);
  expect(ids(filled(early, { files: [row(7)] }))).toEqual([90, 70]);
});

test('what was taken back is gone, and does not come again with an answer that was under way', () => {
  const held = withdrawn(filled(EMPTY_LISTING, { files: [row(9), row(7)], next }), 9);
  expect(ids(held)).toEqual([70]);
  expect(ids(filled(held, { files: [row(9), row(5)] }))).toEqual([70, 50]);
});

test('the newest page again tells what came and went; what is older stays', () => {
  const held = filled(filled(EMPTY_LISTING, { files: [row(9), row(7)], next }), { files: [row(5), row(3)], next });
  const after = refreshed(held, { files: [row(11), row(7)], next: { before_message: 7, before: 70 } });
  expect([ids(after), after.next]).toEqual([[110, 70, 50, 30], next]);
});

test('where too much came to reach what is here it begins again', () => {
  const held = filled(EMPTY_LISTING, { files: [row(9)], next });
  const from = { before_message: 20, before: 200 };
  const after = refreshed(held, { files: [row(22), row(20)], next: from });
  expect([ids(after), after.next]).toEqual([[220, 200], from]);
});

test('until the answer comes one sees what is known of it', () => {
  const held = filled(EMPTY_LISTING, { files: [row(9, 90, { file_name: '报告_Final.PDF' }), row(7)], next });
  for (const words of ['final.pdf', '报告', '告_F']) expect(ids(narrowed(held, undefined, words))).toEqual([90]);
  expect(ids(narrowed(held, 'audio', ''))).toEqual([]);
  expect(narrowed(held, undefined, '').next).toBe('begin');
});
