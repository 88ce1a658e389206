import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, expect, test } from 'vitest';
import messages from '../../locales/en';
import { useSession, useUploads } from '../../state';
import { addUploads } from '../../state/upload-changes';
import { Tray } from './tray';

afterEach(() => {
  cleanup();
  useUploads.setState({ uploads: [] });
});

test('what is one too many can be tried again once there is room for it', () => {
  useSession.setState(({ limits }) => ({ limits: { ...limits, attachments: 1 } }));
  const content = new Blob(['x']);
  addUploads('7', [
    { name: 'first', content },
    { name: 'second', content, error: { code: 'too_many', message: '' } },
  ]);
  render(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <Tray place="7" />
    </IntlProvider>,
  );
  expect(screen.queryByRole('button', { name: 'Try again: second' })).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: 'Remove first' }));
  fireEvent.click(screen.getByRole('button', { name: 'Try again: second' }));
  expect(useUploads.getState().uploads.at(-1)).toMatchObject({ name: 'second', state: 'queued' });
});
