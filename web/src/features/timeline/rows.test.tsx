import { act, render, screen } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { beforeEach, expect, test, vi } from 'vitest';
import type { ServerFrame } from '../../gen/wire';
import timeline from '../../locales/en/timeline.json';
import { placeOf, showSteps, useChat, usePresence, useSession, useTyping } from '../../state';
import { apply } from '../../state/apply';
import { hold } from '../../state/messages';
import * as samples from '../../state/samples';
import { EMPTY_CHAT } from '../../state/world';
import { layOut } from './layout.setup';
import { Timeline } from './timeline';

const place = placeOf(7);
const me = samples.user(1, { username: 'me' });
const room = samples.room(7);
/** Every row has a time of its own, by which its drawings are counted. */
const timeOf = (seq: number) => `2026-11-21T12:00:${String(seq).padStart(2, '0')}.000Z`;
const quote = { message_id: 8, seq: 8, user_id: 2, username: 'maya', content: 'message 8', recalled: false };
const row = (seq: number) =>
  samples.message(seq, { created_at: timeOf(seq), ...(seq === 10 ? { reply_to: quote } : {}) });
const told = (seq: number) => {
  const { id, type: _type, created_at, ...rest } = row(seq);
  return { ...rest, message_id: id, timestamp: created_at };
};
const noop = () => undefined;

/** How often each row was drawn: the drawing of a row asks for the words of its time. */
const drawn = vi.hoisted(() => new Map<string, number>());
vi.mock('../../lib/time', async (real) => {
  const time = await real<typeof import('../../lib/time')>();
  const clockTime: typeof time.clockTime = (iso, locale, clock) => {
    drawn.set(iso, (drawn.get(iso) ?? 0) + 1);
    return time.clockTime(iso, locale, clock);
  };
  return { ...time, clockTime };
});

layOut();

beforeEach(() => {
  showSteps([]);
  const rows = Array.from({ length: 10 }, (_, index) => row(index + 1));
  useSession.setState({ status: 'active', me });
  useChat.setState(
    hold(
      { ...EMPTY_CHAT, rooms: { 7: room }, cursors: { 7: 10 }, users: { 1: me } },
      place,
      { from: 1, to: 10, rows },
      10,
    ),
    true,
  );
});

async function tell(frame: ServerFrame): Promise<void> {
  await act(async () => {
    const world = { chat: useChat.getState(), presence: usePresence.getState(), typing: useTyping.getState() };
    useChat.setState(apply(world, frame, { me: 1, now: 0, typingMs: 5000 }).chat, true);
  });
}

async function open(): Promise<void> {
  render(
    <IntlProvider locale="en" messages={timeline} timeZone="UTC">
      <Timeline
        place={place}
        room={room}
        intro={null}
        onJump={noop}
        onLatest={noop}
        onOpenProfile={noop}
        onCompose={noop}
      />
    </IntlProvider>,
  );
  await act(() => Promise.resolve());
  expect(document.querySelectorAll('.tl-row').length).toBeGreaterThan(5);
  drawn.clear();
}

const since = (seq: number) => ({
  room_id: 7,
  message_id: seq,
  message_seq: seq,
  user_id: 2,
  timestamp: samples.AT,
});

test('an edit draws its own row and no other', async () => {
  await open();
  await tell({
    type: 'edit',
    seq: 11,
    content: 'another word',
    mentions: [],
    mentions_room: false,
    mention_spans: [],
    ...since(9),
  });
  expect(screen.getByText('another word')).toBeDefined();
  expect([...drawn.keys()]).toEqual([timeOf(9)]);
});

test('a recall draws its own row, and those that quote it', async () => {
  await open();
  await tell({ type: 'recall', seq: 11, ...since(8) });
  expect([...drawn.keys()].sort()).toEqual([timeOf(8), timeOf(10)]);
});

test('a new message draws no row but its own and the one that hands it the tab stop', async () => {
  await open();
  await tell({ type: 'text', ...told(11) });
  await tell({ type: 'text', ...told(12) });
  expect([...drawn.keys()].sort()).toEqual([timeOf(10), timeOf(11), timeOf(12)]);
});

test('what happens elsewhere draws none', async () => {
  await open();
  await tell({ type: 'text', ...told(4), room_id: 8 });
  await tell({ type: 'presence', user_id: 2, username: 'maya', status: 'away' });
  await act(async () =>
    showSteps([
      { kind: 'send', id: 'c', room_id: 8, user_id: 1, content: 'x', created_at: samples.AT, state: 'queued' },
    ]),
  );
  expect([...drawn.keys()]).toEqual([]);
});

test('what I do to a message draws its row', async () => {
  await open();
  const change = {
    id: 'c',
    room_id: 7,
    message_id: 9,
    kind: 'recall',
    created_at: samples.AT,
    state: 'queued',
  } as const;
  await act(async () => showSteps([change]));
  expect([...drawn.keys()]).toEqual([timeOf(9)]);
});
