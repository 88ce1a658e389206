import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { IntlProvider } from 'use-intl';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import messages from '../../locales/en';
import { useChat, useSession } from '../../state';
import { emojisOf, NO_EMOJIS, useEmojis } from '../../state/emojis';
import { AT, user } from '../../state/samples';
import ManageEmoji from './manage';

const MINE = { id: 1, name: 'mine', url: '/api/avatars/01', created_by: 1, created_at: AT };
const HERS = { id: 2, name: 'hers', url: '/api/avatars/02', created_by: 2, created_at: AT };
let asked: string[] = [];

beforeEach(() => {
  asked = [];
  vi.stubGlobal('fetch', async (address: string, { method }: RequestInit) => {
    asked.push(`${method} ${address}`);
    return Response.json({ data: null });
  });
  useSession.setState({ status: 'anonymous', me: user(1) });
  useChat.setState({ users: { 1: user(1), 2: user(2, { display_name: 'Maya' }) } });
  useEmojis.setState(emojisOf(1, [MINE, HERS]), true);
});
afterEach(() => {
  cleanup();
  useEmojis.setState(NO_EMOJIS, true);
  vi.unstubAllGlobals();
});

async function show() {
  render(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <ManageEmoji open onClose={() => undefined} />
    </IntlProvider>,
  );
  await screen.findByRole('dialog', { name: 'Emoji of this place' });
}
const rows = () => screen.getAllByTestId('own-emoji');
const give = async (name: string) => {
  const files = [new File(['x'], name, { type: 'image/png' })];
  fireEvent.change(screen.getByTestId('emoji-file'), { target: { files } });
  return screen.findByRole<HTMLInputElement>('textbox', { name: 'Name' });
};

test('each stands there with its name and who added it; only one\u2019s own are offered for deletion', async () => {
  await show();
  expect(rows().map((row) => row.textContent)).toEqual([
    expect.stringMatching(/^:hers:Maya/),
    expect.stringMatching(/^:mine:user1/),
  ]);
  expect(screen.getAllByRole('button', { name: /^Delete/ }).map((one) => one.getAttribute('aria-label'))).toEqual([
    'Delete :mine:',
  ]);
});

test('an administrator may delete anybody\u2019s, and is asked first', async () => {
  useSession.setState({ me: user(1, { is_admin: true }) });
  await show();
  await userEvent.click(screen.getByRole('button', { name: 'Delete :hers:' }));
  const question = screen.getByRole('group', { name: 'Delete :hers:?' });
  expect(document.activeElement?.textContent).toBe('Cancel');
  expect(asked).toEqual([]);
  await userEvent.click(within(question).getByRole('button', { name: 'Delete emoji' }));
  await vi.waitFor(() => expect(useEmojis.getState().list).toEqual([MINE]));
  expect(asked).toEqual(['DELETE /api/emojis/2']);
});

test('a file suggests the name, and what is wrong with one is said as it is typed', async () => {
  await show();
  const name = await give('Party Parrot.png');
  expect(name.value).toBe('party-parrot');
  await userEvent.clear(name);
  await userEvent.type(name, 'hers');
  expect(screen.getByText(/There is an emoji of this name/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Add emoji' }).getAttribute('aria-disabled')).toBe('true');
  await userEvent.type(name, ' Two');
  expect(name.value).toBe('hers-two');
  expect(screen.queryByText(/There is an emoji of this name/)).toBeNull();
  await userEvent.type(name, 'é');
  expect(screen.getByText(/letters a to z/)).toBeTruthy();
});

test('what is no picture is not taken', async () => {
  await show();
  const files = [new File(['x'], 'notes.txt', { type: 'text/plain' })];
  fireEvent.change(screen.getByTestId('emoji-file'), { target: { files } });
  expect((await screen.findByRole('alert')).textContent).toContain('JPEG, PNG, WebP or GIF');
});
