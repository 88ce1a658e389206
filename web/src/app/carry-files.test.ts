import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { steps } from '../net/live';
import { fileOf } from '../net/uploads.setup';
import { claimUploads, isSend, type Send, useSession, useUploads } from '../state';
import { changeUploads, releaseUploads } from '../state/upload-changes';
import { addFiles } from './carry-files';

const file = (name: string, size = 3, type = 'text/plain') => new File([new Uint8Array(size)], name, { type });
const tray = () => useUploads.getState().uploads.map(({ name, state, error }) => [name, error?.code ?? state]);

beforeEach(() => {
  // Nothing of it goes out.
  vi.stubGlobal(
    'XMLHttpRequest',
    class {
      upload = {};
      onabort = () => undefined;
      open() {}
      setRequestHeader() {}
      send() {}
      // What is not wanted any more takes nobody the turn.
      abort() {
        this.onabort();
      }
    },
  );
  useSession.setState((session) => ({ limits: { ...session.limits, file_bytes: 10, attachments: 3 } }));
});
afterEach(() => {
  steps.clear();
  useUploads.setState({ uploads: [] });
  vi.unstubAllGlobals();
});

/** The page is let go of, or only put aside. */
const goAway = (persisted: boolean) => window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted }));

const waiting = (id: string): Send => ({
  kind: 'send',
  id,
  room_id: 7,
  user_id: 1,
  content: id,
  created_at: '2026-11-28T00:00:00.000Z',
  state: 'queued',
  attachments: claimUploads('7', id),
});

test('what the server would refuse says so before a byte goes out, and takes nobody the place', () => {
  addFiles('7', [file('large', 11), file('a'), file('b')]);
  addFiles('7', [file('c'), file('d')]);
  addFiles('8', [file('e')]);
  expect(tray().map(([name, state]) => [name, state === 'sending' ? 'queued' : state])).toEqual([
    ['large', 'too_large'],
    ['a', 'queued'],
    ['b', 'queued'],
    ['c', 'queued'],
    ['d', 'too_many'],
    ['e', 'queued'],
  ]);
});

test('a send whose file will not come fails with it, and tried again tries the file again', () => {
  addFiles('7', [file('a')]);
  const id = useUploads.getState().uploads[0]?.id ?? '';
  steps.add(waiting('s'));
  goAway(false);
  expect(steps.steps[0]).toMatchObject({ state: 'failed', error: { code: 'file_lost' } });
  changeUploads(
    (one) => one.id === id,
    () => ({ state: 'failed' }),
  );
  steps.retry('s');
  expect(useUploads.getState().uploads[0]?.state).not.toBe('failed');
});

test('a page that is only put aside keeps its files', () => {
  addFiles('7', [file('a')]);
  steps.add(waiting('s'));
  goAway(true);
  expect(steps.steps[0]?.state).toBe('queued');
});

test('what is thrown away takes its files with it', () => {
  addFiles('7', [file('a')]);
  steps.add(waiting('s'));
  steps.discard('s');
  expect(useUploads.getState().uploads).toEqual([]);
});

test('who leaves with files on their way is asked, and nobody else', () => {
  const asked = () => {
    const event = new Event('beforeunload', { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(asked()).toBe(false);
  addFiles('7', [file('large', 11)]);
  expect(asked()).toBe(false);
  addFiles('7', [file('a')]);
  expect(asked()).toBe(true);
});

/** A server that answers, as far as files of three bytes are taken to it. Whoever has it may sweep what it keeps. */
function serve(): Set<number> {
  const kept = new Set<number>();
  let last = 100;
  const answers: Readonly<Record<string, (id: number) => readonly [number, string?, unknown?]>> = {
    POST: () => {
      kept.add(++last);
      return [201, `location: /api/files/uploads/${last}`];
    },
    HEAD: (id) => (kept.has(id) ? [200, 'upload-offset: 3'] : [404]),
    PATCH: () => [204, 'upload-offset: 3'],
    GET: (id) => [200, '', { data: fileOf(id) }],
    DELETE: () => [204],
  };
  vi.stubGlobal(
    'XMLHttpRequest',
    class {
      upload = {};
      status = 0;
      statusText = '';
      responseText = '';
      onload = () => undefined;
      #headers = '';
      #answer = () => answers.GET?.(0) ?? ([404] as const);
      open(method: string, address: string) {
        this.#answer = () => answers[method]?.(Number(/\d+/.exec(address)?.[0])) ?? [405];
      }
      setRequestHeader() {}
      getAllResponseHeaders = () => this.#headers;
      send() {
        const [status, headers = '', body] = this.#answer();
        Object.assign(this, { status, responseText: JSON.stringify(body ?? {}) });
        this.#headers = headers;
        queueMicrotask(() => this.onload());
      }
      abort() {}
    },
  );
  return kept;
}

const refuse = (reason: string) =>
  steps.refused({ type: 'error', code: 404, reason, client_id: 's', error: 'No.', message: 'No.' });
const filesOf = () => steps.steps.filter(isSend).flatMap(({ attachments }) => attachments?.map((one) => one.file?.id));

test('a file that was swept meanwhile is taken there again for its message, once', async () => {
  const kept = serve();
  addFiles('7', [file('a'), file('b')]);
  await vi.waitFor(() =>
    expect(tray()).toEqual([
      ['a', 'done'],
      ['b', 'done'],
    ]),
  );
  steps.add(waiting('s'));
  const [swept = 0, there] = filesOf();
  kept.delete(swept);
  refuse('file_not_found');
  expect(steps.steps[0]).toMatchObject({ state: 'queued', error: undefined });
  expect(filesOf()).toEqual([undefined, undefined]);
  await vi.waitFor(() => expect(filesOf()).toEqual([103, there]));
  refuse('file_not_found');
  expect(steps.steps[0]).toMatchObject({ state: 'failed', error: { code: 'file_not_found' } });
  expect(filesOf()).toEqual([103, there]);
});

test('what is refused for something else, or has no bytes here, is not taken there again', async () => {
  serve();
  addFiles('7', [file('a')]);
  await vi.waitFor(() => expect(tray()).toEqual([['a', 'done']]));
  steps.add(waiting('s'));
  refuse('room_not_found');
  expect(steps.steps[0]).toMatchObject({ state: 'failed', error: { code: 'room_not_found' } });
  steps.discard('s');
  const attachments = [{ upload: 'of another page', name: 'b', size: 3, file: fileOf(9) }];
  releaseUploads({ ...waiting('t'), attachments });
  steps.add(waiting('s'));
  refuse('file_not_found');
  expect(steps.steps[0]).toMatchObject({
    state: 'failed',
    attachments: [{ upload: 'of another page', file: { id: 9 } }],
  });
});
