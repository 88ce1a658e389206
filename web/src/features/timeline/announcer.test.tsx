import { act, render } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Message } from '../../gen/wire';
import timeline from '../../locales/en/timeline.json';
import { Announcer } from './announcer';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const row = (seq: number): Message => ({
  id: seq,
  room_id: 1,
  seq,
  user_id: 2,
  username: 'maya',
  type: 'text',
  content: `${seq}`,
  created_at: '2026-11-21T12:00:00.000Z',
  mentions: [],
  mentions_room: false,
  mention_spans: [],
  guest: false,
});

test('a room with three messages a second is announced while they come', () => {
  const page = (rows: readonly Message[]) => (
    <IntlProvider locale="en" messages={timeline} timeZone="UTC">
      <Announcer rows={rows} me={1} nameOf={(_, name) => name} />
    </IntlProvider>
  );
  let rows = [row(1)];
  const { rerender, container } = render(page(rows));
  for (let seq = 2; seq <= 11; seq += 1) {
    rows = [...rows, row(seq)];
    rerender(page(rows));
    act(() => void vi.advanceTimersByTime(333));
  }
  expect(container.textContent).toMatch(/\d+ new messages from maya/);
});
