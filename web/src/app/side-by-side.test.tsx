/** Two conversations on one page: each has its own menu, rows and composer, and keys go to the one in use. */
import { act, cleanup, fireEvent, render, within } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Composer } from '../features/composer';
import { Timeline } from '../features/timeline';
import type { Room, User } from '../gen/wire';
import first from '../locales/en/first';
import { placeOf, useChat, useSession } from '../state';
import { hold } from '../state/messages';
import { type Chat, EMPTY_CHAT } from '../state/world';

const AT = '2026-11-21T12:00:00.000Z';
const me = { id: 1, username: 'me', display_name: '', presence: 'online' } as User;
const roomOf = (id: number) =>
  ({
    id,
    kind: 'room',
    name: `room ${id}`,
    description: '',
    created_at: AT,
    member_count: 2,
    last_seq: 9,
    my_role: 'member',
    peers: [],
  }) as unknown as Room;
const row = (room: number, seq: number) => ({
  id: room * 100 + seq,
  room_id: room,
  seq,
  user_id: 1,
  username: 'me',
  type: 'text' as const,
  content: `message ${seq} of ${room}`,
  created_at: AT,
  mentions: [],
  mentions_room: false,
  mention_spans: [],
  guest: false,
});
const noop = () => undefined;
const latest = { 7: vi.fn(), 8: vi.fn() };

/** There is no layout here: every row is 64 px high, the list 640. */
class Sizes implements ResizeObserver {
  readonly #tell: ResizeObserverCallback;
  constructor(tell: ResizeObserverCallback) {
    this.#tell = tell;
  }
  observe(target: Element): void {
    const contentRect = new DOMRect(0, 0, 640, target.classList.contains('tl-list') ? 640 : 64);
    const told = [{ target, contentRect, borderBoxSize: [], contentBoxSize: [], devicePixelContentBoxSize: [] }];
    queueMicrotask(() => target.isConnected && this.#tell(told, this));
  }
  unobserve(): void {}
  disconnect(): void {}
}

beforeEach(async () => {
  vi.stubGlobal('ResizeObserver', Sizes);
  // Nobody is there to be asked for more.
  vi.stubGlobal('fetch', () => new Promise(noop));
  Object.defineProperty(HTMLElement.prototype, 'offsetParent', { configurable: true, get: () => document.body });
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

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  Reflect.deleteProperty(HTMLElement.prototype, 'offsetParent');
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
    fireEvent.pointerOver(pane(8).getByText('message 3 of 8'), { pointerType: 'mouse' });
  });
  expect(pane(8).getAllByRole('toolbar').length).toBe(1);
  expect(pane(7).queryAllByRole('toolbar').length).toBe(0);
});
