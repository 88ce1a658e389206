import { expect, test } from 'vitest';
import { pendingOf, type Send, type Step } from '../state';
import { message } from '../state/samples';
import { pair, send, settle, Tab } from './queue.setup';
import { fileOf } from './uploads.setup';

const withFile = (id: string, room = 1): Send => ({
  ...(send(id, room) as Send),
  attachments: [{ upload: `${id}'s`, name: 'a.png', size: 3 }],
});
const whole = (id: string, file: number) => ({
  attachments: [{ upload: `${id}'s`, name: 'a.png', size: 3, file: fileOf(file) }],
});

test('a send waits for its files, and what is said after it does not', () => {
  const tab = new Tab();
  tab.add(withFile('a'), send('b'));
  expect(tab.taken).toEqual(['b']);
  tab.ack('b');
  tab.queue.amend('a', whole('a', 9));
  expect(tab.taken).toEqual(['b', 'a']);
  expect(tab.frames.at(-1)).toMatchObject({ client_id: 'a', attachments: [9] });
});

test('a send without files names none', () => {
  const tab = new Tab();
  tab.add(send('a'));
  expect(tab.frames.at(-1)).toMatchObject({ attachments: [], message_type: null });
});

test('whichever tab carries the file, the one that leads sends the message', () => {
  const [first, second] = pair();
  second.add(withFile('a'));
  expect(first.taken).toEqual([]);
  second.queue.amend('a', whole('a', 9));
  expect(first.taken).toEqual(['a']);
  expect(second.taken).toEqual([]);
});

test('the next page has a send whose files have not come as one that waits, and sends what has them', async () => {
  const disk = new Map<string, Step>();
  const before = new Tab(disk);
  before.up = false;
  before.add(withFile('a'), withFile('b'));
  before.queue.amend('b', whole('b', 9));
  await settle();
  const after = new Tab(disk);
  after.queue.restore([...disk.values()]);
  expect(after.taken).toEqual(['b']);
  expect(after.states().a).toBe('queued');
  after.ack('b');
  after.queue.amend('a', whole('a', 8));
  expect(after.taken).toEqual(['b', 'a']);
});

test('a file that will not come fails its send alone', () => {
  const tab = new Tab();
  tab.add(withFile('a'), send('b'));
  tab.queue.amend('a', { state: 'failed', error: { code: 'quota_exceeded', message: 'No room.' } });
  tab.ack('b');
  expect(tab.states()).toEqual({ a: 'failed', b: 'sent' });
});

test('two pictures without words are told apart by their files', () => {
  const sends: readonly Send[] = [
    { ...withFile('a', 7), ...whole('a', 8), content: '', sent_after: 0 },
    { ...withFile('b', 7), ...whole('b', 9), content: '', sent_after: 0 },
  ];
  const row = message(1, { user_id: 1, content: '', type: 'image', attachments: [fileOf(9)] });
  expect(pendingOf(sends, '7', [row]).map(({ id }) => id)).toEqual(['a']);
});
