/** A message that is sent right after its files were picked, before the code that takes them has come. */
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import first from '../../locales/en/first';
import { placeOf, toDraft, useChat, useSession } from '../../state';
import { room, user } from '../../state/samples';
import { addUploads } from '../../state/upload-changes';
import { EMPTY_CHAT } from '../../state/world';
import { Composer } from './composer';
import { FilesPart, type FilesPartProps, type FilesSupport } from './files-part';

const sendText = vi.hoisted(() => vi.fn());
vi.mock('../../net', async (original) => ({ ...(await original<object>()), sendText }));

const PLACE = placeOf(7);
const Nothing = () => null;

/** What takes the files, held until it is let go or fails. */
let code: { promise: Promise<void>; come(): void; fail(): void };

function held(): typeof code {
  let [come, fail] = [() => {}, () => {}];
  const promise = new Promise<void>((resolve, reject) => {
    [come, fail] = [resolve, () => reject(new Error('no code'))];
  });
  return { promise, come, fail };
}

const support: FilesSupport = {
  Sight: Nothing,
  Recording: Nothing,
  add: async (place, files) => {
    await code.promise;
    addUploads(
      place,
      files.map((content) => ({ name: content.name, content })),
    );
  },
};
const Files = (props: FilesPartProps) => <FilesPart {...props} files={support} />;

beforeEach(async () => {
  code = held();
  sendText.mockReset();
  vi.stubGlobal('fetch', () => new Promise(() => undefined));
  const me = user(1, { username: 'me' });
  useSession.setState({ status: 'active', me });
  useChat.setState({ ...EMPTY_CHAT, rooms: { 7: room(7) }, users: { 1: me }, members: { 7: [] } }, true);
  toDraft(PLACE, { type: 'wrote', text: 'with a file' });
  const { container } = render(
    <IntlProvider locale="en" messages={first} timeZone="UTC">
      <Composer place={PLACE} room={room(7)} title="room" Files={Files} />
    </IntlProvider>,
  );
  const input = container.querySelector('input[type=file]') as HTMLInputElement;
  fireEvent.change(input, { target: { files: [new File(['x'], 'notes.txt')] } });
});

afterEach(cleanup);

const enter = () => act(async () => fireEvent.keyDown(screen.getByRole('textbox'), { key: 'Enter', code: 'Enter' }));

test('it goes once its files are there, and not without them', async () => {
  await enter();
  expect(sendText).not.toHaveBeenCalled();
  await act(async () => code.come());
  expect(sendText.mock.calls.map(([place, text]) => [place, text])).toEqual([[PLACE, 'with a file']]);
});

test('where they do not come, it stays where it was written', async () => {
  await enter();
  await act(async () => code.fail());
  expect(sendText).not.toHaveBeenCalled();
  expect(screen.getByRole<HTMLTextAreaElement>('textbox').value).toBe('with a file');
  // What was said of it was read: the next Enter sends the words alone.
  await enter();
  expect(sendText).toHaveBeenCalledTimes(1);
});
