import { act, render } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Message } from '../../gen/wire';
import timeline from '../../locales/en/timeline.json';
import { message } from '../../state/samples';
import Announcer from './announcer';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a room with three messages a second is announced while they come', () => {
  const page = (rows: readonly Message[]) => (
    <IntlProvider locale="en" messages={timeline} timeZone="UTC">
      <Announcer rows={rows} me={1} nameOf={(_, name) => name} />
    </IntlProvider>
  );
  let rows = [message(1)];
  const { rerender, container } = render(page(rows));
  for (let seq = 2; seq <= 11; seq += 1) {
    rows = [...rows, message(seq)];
    rerender(page(rows));
    act(() => void vi.advanceTimersByTime(333));
  }
  expect(container.textContent).toMatch(/\d+ new messages from maya/);
});
