import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimUploads, useUploads } from '../state';
import { changeUploads, dropUpload, releaseUploads, retryUploads } from '../state/upload-changes';
import { ApiError } from './api';
import { AT_ONCE, PIECE_BYTES } from './uploads';
import { Depot, fileOf, settle } from './uploads.setup';

let depot: Depot;
let stop: () => void;

beforeEach(() => {
  useUploads.setState({ uploads: [] });
  depot = new Depot();
  stop = useUploads.subscribe(() => depot.line.look());
});
afterEach(() => stop());

const away = () => new ApiError(0, 'unreachable', '');
const mine = (id: string | undefined) => useUploads.getState().uploads.find((one) => one.id === id);

test('a file goes piece by piece, and is whole with the last', async () => {
  const [id] = await depot.give(PIECE_BYTES + 5);
  expect(depot.asked).toEqual(['begin f0', `append 101 0+${PIECE_BYTES}`, `append 101 ${PIECE_BYTES}+5`]);
  expect(mine(id)).toMatchObject({ state: 'done', file: { id: 101 }, sent: PIECE_BYTES + 5 });
  expect(depot.whole).toEqual([id]);
});

test('an empty file is a file', async () => {
  const [id] = await depot.give(0);
  expect(depot.asked).toEqual(['begin f0']);
  expect(mine(id)?.state).toBe('done');
});

test('so many go at a time, and the next when one has ended', async () => {
  let open: () => void = () => undefined;
  depot.hold = new Promise((go) => {
    open = go;
  });
  await depot.give(...Array.from({ length: AT_ONCE + 1 }, () => 3));
  expect(depot.states()).toEqual([...Array.from({ length: AT_ONCE }, () => 'sending'), 'queued']);
  depot.hold = undefined;
  open();
  await settle();
  expect(depot.states()).toEqual(Array.from({ length: AT_ONCE + 1 }, () => 'done'));
});

test('a piece that was lost is asked after, and only what the server has not goes again', async () => {
  depot.refusals = [undefined, away()];
  const [id] = await depot.give(PIECE_BYTES + 5);
  expect(mine(id)?.state).toBe('paused');
  await depot.fire();
  expect(depot.asked.slice(-2)).toEqual(['offset 101', `append 101 ${PIECE_BYTES}+5`]);
  expect(mine(id)?.state).toBe('done');
});

test('the line that is there again ends the wait', async () => {
  depot.refusals = [away()];
  const [id] = await depot.give(3);
  depot.line.wake();
  await settle();
  expect(mine(id)?.state).toBe('done');
});

test('what the server has forgotten begins again', async () => {
  depot.refusals = [away()];
  const [id] = await depot.give(3);
  depot.kept.clear();
  await depot.fire();
  expect(depot.asked.slice(-3)).toEqual(['offset 101', 'begin f0', 'append 102 0+3']);
  expect(mine(id)?.state).toBe('done');
});

test('while nobody is answered it waits however long, and else not for ever', async () => {
  depot.alive = false;
  depot.refusals = Array.from({ length: 30 }, away);
  const [id] = await depot.give(3);
  for (let times = 0; times < 12; times += 1) await depot.fire();
  expect(mine(id)?.state).toBe('paused');
  depot.alive = true;
  for (let times = 0; times < 6; times += 1) await depot.fire();
  expect(mine(id)).toMatchObject({ state: 'failed', error: { code: 'unavailable' } });
  expect(depot.spoiled).toEqual([id]);
});

test('a refusal is told as it is, and another try is one', async () => {
  depot.refusals = [new ApiError(413, 'quota_exceeded', 'No room.')];
  const [id] = await depot.give(3);
  expect(mine(id)).toMatchObject({ state: 'failed', error: { code: 'quota_exceeded', message: 'No room.' } });
  retryUploads((one) => one.id === id);
  await settle();
  expect(mine(id)).toMatchObject({ state: 'done', error: undefined });
});

test('a file that cannot be read says so, and nothing of it goes out', async () => {
  const content = new Blob(['x']);
  content.slice = () => {
    throw new DOMException('gone', 'NotReadableError');
  };
  useUploads.setState({ uploads: [{ id: 'u', place: '7', name: 'folder', content, state: 'queued', sent: 0 }] });
  await settle();
  expect(mine('u')).toMatchObject({ state: 'failed', error: { code: 'unreadable' } });
  expect(depot.asked).toEqual([]);
});

test('what is dropped stops at once, is told to the server, and gives its turn to the next', async () => {
  depot.hold = new Promise(() => undefined);
  const ids = await depot.give(...Array.from({ length: AT_ONCE + 1 }, () => 3));
  dropUpload(ids[0] ?? '');
  await settle();
  expect(depot.asked.filter((one) => one.startsWith('remove'))).toHaveLength(1);
  expect(mine(ids[0])).toBeUndefined();
  expect(depot.states()).toEqual(Array.from({ length: AT_ONCE }, () => 'sending'));
});

test('what is dropped before the server told where it goes is given up once it has', async () => {
  let tell: () => void = () => undefined;
  depot.holdBegun = new Promise((go) => {
    tell = go;
  });
  const [id] = await depot.give(3);
  dropUpload(id ?? '');
  await settle();
  expect(depot.states()).toEqual([]);
  tell();
  await settle();
  expect(depot.asked).toEqual(['begin f0', 'remove 101']);
});

test('a file that is whole and not wanted any more is taken away from the server', async () => {
  const [id] = await depot.give(3);
  dropUpload(id ?? '');
  await settle();
  expect(depot.asked.at(-1)).toBe('remove 101');
  expect(depot.states()).toEqual([]);
});

test('a video brings its picture', async () => {
  const poster = new Blob(['png']);
  useUploads.setState({
    uploads: [{ id: 'u', place: '7', name: 'v', content: new Blob(['abc']), poster, state: 'queued', sent: 0 }],
  });
  await settle();
  expect(depot.asked.at(-1)).toBe('poster 101 3');
  expect(mine('u')?.state).toBe('done');
});

test('a picture that is still being made of a video comes with it', async () => {
  let made = () => {};
  depot.picturing = new Promise((done) => {
    made = done;
  });
  const [id = ''] = await depot.give(3);
  expect(depot.asked).toEqual(['begin f0', 'append 101 0+3']);
  expect(mine(id)?.state).toBe('sending');
  changeUploads(
    (one) => one.id === id,
    () => ({ poster: new Blob(['png']) }),
  );
  made();
  await settle();
  expect(depot.asked.at(-1)).toBe('poster 101 3');
  expect(mine(id)?.state).toBe('done');
});

test('a send takes what is good from its own tray, and given back it is there again', async () => {
  const [good] = await depot.give(3);
  depot.refusals = [new ApiError(422, 'unsupported_file', '')];
  const [bad] = await depot.give(3);
  expect(claimUploads('8', 's')).toEqual([]);
  const attachments = claimUploads('7', 's');
  expect(attachments.map(({ upload }) => upload)).toEqual([good]);
  expect(claimUploads('7', 't')).toEqual([]);
  expect(mine(bad)?.step).toBeUndefined();
  releaseUploads({
    kind: 'send',
    id: 's',
    room_id: 7,
    user_id: 1,
    content: '',
    created_at: '',
    state: 'failed',
    attachments: [...attachments, { upload: 'of a former page', name: 'old', size: 3, file: fileOf(9) }],
  });
  expect(claimUploads('7', 'u').map(({ upload, file }) => [upload, file?.id])).toEqual([
    [good, 101],
    ['of a former page', 9],
  ]);
});
