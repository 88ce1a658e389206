/** Two conversations on one page: each has its own menu, rows and composer, and keys go to the one in use. */
import { act, fireEvent, render, within } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { beforeEach, expect, test, vi } from 'vitest';
import { Composer } from '../features/composer';
import { Timeline } from '../features/timeline';
import { layOut } from '../features/timeline/layout.setup';
import first from '../locales/en/first';
import { placeOf, useChat, useSession } from '../state';
import { hold } from '../state/messages';
import { message, room, user } from '../state/samples';
import { type Chat, EMPTY_CHAT } from '../state/world';

const me = user(1, { username: 'me' });
const roomOf = (id: number) => room(id, { last_seq: 9 });
const row = (id: number, seq: number) =>
  message(seq, { id: id * 100 + seq, room_id: id, user_id: 1, username: 'me', content: `message ${seq} of ${id}` });
const noop = () => undefined;
const latest = { 7: vi.fn(), 8: vi.fn() };

layOut();

beforeEach(async () => {
  // Nobody is there to be asked for more.
  vi.stubGlobal('fetch', () => new Promise(noop));
  useSession.setState({ status: 'active', me });
  // Five of nine messages are held, and one stands among them: the end is elsewhere.
  const chat = [7, 8].reduce<Chat>(
    (held, id) => hold(held, placeOf(id), { from: 1, to: 5, rows: [1, 2, 3, 4, 5].map((seq) => row(id, seq)) }, 9),
    { ...EMPTY_CHAT, rooms: { 7: roomOf(7), 8: roomOf(8) }, cursors: { 7: 9, 8: 9 }, users: { 1: me } },
  );
  useChat.setState({ ...chat, members: { 7: [], 8: [] } }, true);
  for (const called of Object.values(latest)) called.mockReset();
  render(
    <IntlProvider locale="en" messages={first} timeZone="UTC">
      {([7, 8] as const).map((id) => (
        <main key={id} data-pane="" data-testid={`pane ${id}`}>
          <Timeline
            place={placeOf(id)}
            room={roomOf(id)}
            jumpTo={3}
            intro={null}
            onJump={noop}
            onLatest={latest[id]}
            onOpenProfile={noop}
            onCompose={noop}
          />
          <Composer place={placeOf(id)} room={roomOf(id)} title={`room ${id}`} />
        </main>
      ))}
    </IntlProvider>,
  );
  await act(() => Promise.resolve());
});

const pane = (id: number) => within(document.querySelector<HTMLElement>(`[data-testid="pane ${id}"]`) ?? document.body);
const field = (id: number) => pane(id).getByRole('textbox');

/** A press on a text of a message, which takes no focus. */
async function press(id: number): Promise<void> {
  const target = pane(id).getByText(`message 3 of ${id}`);
  await act(async () => {
    fireEvent.pointerDown(target);
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
}

test.each([7, 8])('what is typed after a click belongs to the conversation that was clicked in: %i', async (id) => {
  await press(id);
  expect(document.activeElement).toBe(document.body);
  fireEvent.keyDown(document.body, { key: 'h', code: 'KeyH' });
  expect(document.activeElement).toBe(field(id));
});

test.each([7, 8] as const)('Escape goes to the latest of the conversation in use: %i', async (id) => {
  await press(id);
  fireEvent.keyDown(document.body, { key: 'Escape' });
  expect([latest[7].mock.calls.length, latest[8].mock.calls.length]).toEqual(id === 7 ? [1, 0] : [0, 1]);
  const other = id === 7 ? 8 : 7;
  field(other).focus();
  fireEvent.keyDown(field(other), { key: 'Escape' });
  expect([latest[7].mock.calls.length, latest[8].mock.calls.length]).toEqual([1, 1]);
});

test('what is written in one stands in one', async () => {
  await act(async () => fireEvent.change(field(8), { target: { value: 'only here' } }));
  expect([field(7), field(8)].map((one) => (one as HTMLTextAreaElement).value)).toEqual(['', 'only here']);
});

test('a row of one is lit by its own list alone', async () => {
  await act(async () => {
    fireEvent.pointerMove(pane(8).getByText('message 3 of 8'), { pointerType: 'mouse' });
  });
  expect(pane(8).getAllByRole('toolbar').length).toBe(1);
  expect(pane(7).queryAllByRole('toolbar').length).toBe(0);
});
