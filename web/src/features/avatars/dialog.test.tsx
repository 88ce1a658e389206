import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { IntlProvider } from 'use-intl';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import messages from '../../locales/en';
import { useSession } from '../../state';
import { user } from '../../state/samples';
import AvatarDialog from './dialog';

const onClose = vi.fn();
let asked: unknown[] = [];

beforeEach(() => {
  asked = [];
  onClose.mockReset();
  useSession.setState({ me: user(1) });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function answer(response: () => Response) {
  vi.stubGlobal('fetch', async (_: string, { body }: RequestInit) => {
    asked.push(JSON.parse(`${body}`));
    return response();
  });
}

async function show(url = '') {
  render(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <AvatarDialog open onClose={onClose} owner={{ kind: 'user', id: 1 }} name="Maya" url={url} />
    </IntlProvider>,
  );
  await screen.findByRole('dialog', { name: 'Your picture' });
}
const use = () => screen.getByRole('button', { name: 'Use this picture' });

test('one of the drawn set is looked at first, and taken by the button', async () => {
  answer(() => Response.json({ data: user(1, { avatar_url: '/avatars/whale.svg' }) }));
  await show();
  await userEvent.click(use());
  expect(asked).toEqual([]);
  await userEvent.click(screen.getByRole('radio', { name: 'Whale' }));
  expect(document.querySelector('.avd-head img')?.getAttribute('src')).toBe('/avatars/whale.svg');
  expect(asked).toEqual([]);
  await userEvent.click(use());
  expect(asked).toEqual([{ drawn: 'whale' }]);
  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
});

test('the one that stands there is marked, and cannot be taken again', async () => {
  await show('/avatars/fox.svg');
  expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Fox' }).checked).toBe(true);
  expect(use().getAttribute('aria-disabled')).toBe('true');
});

test('a refusal is told in a sentence, and the choice stays', async () => {
  answer(() => Response.json({ reason: 'rate_limited', message: 'Too fast.' }, { status: 429 }));
  await show();
  await userEvent.click(screen.getByRole('radio', { name: 'Owl' }));
  await userEvent.click(use());
  expect((await screen.findByRole('alert')).textContent).toContain('Too fast.');
  expect(onClose).not.toHaveBeenCalled();
  expect(screen.getByRole<HTMLInputElement>('radio', { name: 'Owl' }).checked).toBe(true);
});

test('what is no picture is not taken, and it is said which are', async () => {
  await show();
  const files = [new File(['words'], 'notes.txt', { type: 'text/plain' })];
  fireEvent.change(screen.getByTestId('avatar-file'), { target: { files } });
  expect((await screen.findByRole('alert')).textContent).toContain('JPEG, PNG, WebP or GIF');
});

test('a file let go of in the dialog is not taken by the page behind it', async () => {
  const behind = vi.fn();
  window.addEventListener('drop', behind);
  await show();
  const file = new File(['x'], 'me.png', { type: 'image/png' });
  fireEvent.drop(screen.getByText('Upload a picture'), { dataTransfer: { types: ['Files'], files: [file] } });
  await screen.findByTestId('crop-stage');
  window.removeEventListener('drop', behind);
  expect(behind).not.toHaveBeenCalled();
});
