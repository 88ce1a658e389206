import { cleanup, render, screen } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, beforeEach, expect, test } from 'vitest';
import messages from '../../locales/en';
import { type OwnUpload, type Send, useUploads } from '../../state';
import * as samples from '../../state/samples';
import { Attachments } from './attachments';

const SEND: Send = {
  kind: 'send',
  id: 's',
  room_id: 7,
  user_id: 1,
  content: '',
  created_at: samples.AT,
  state: 'queued',
  attachments: [{ upload: 'u', name: 'lake.mp4', size: 3 }],
};
const upload: OwnUpload = {
  id: 'u',
  place: '7',
  step: 's',
  name: 'lake.mp4',
  content: new Blob(['abc'], { type: 'video/mp4' }),
  state: 'sending',
  sent: 1,
};

beforeEach(() => useUploads.setState({ uploads: [] }));
afterEach(cleanup);

const show = (sending?: Send, attachments: Parameters<typeof samples.message>[1] = {}) =>
  render(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <Attachments message={samples.message(1, attachments)} sending={sending} />
    </IntlProvider>,
  );

test('a video on its way has the place that it will have, once its sides are known', () => {
  useUploads.setState({ uploads: [upload] });
  show(SEND);
  screen.getByTestId('file');
  cleanup();
  useUploads.setState({ uploads: [{ ...upload, width: 640, height: 480 }] });
  show(SEND);
  expect(screen.queryByTestId('file')).toBeNull();
  expect(screen.getByTestId('coming-film').style.aspectRatio).toBe('640 / 480');
  expect(screen.getByRole('progressbar', { name: 'Upload of lake.mp4' })).toBeDefined();
});

test('a file is opened where its name is pressed, and saved by its button', () => {
  const file = {
    id: 9,
    file_name: 'plan.pdf',
    file_size: 3,
    file_type: 'application/pdf',
    category: 'file' as const,
    waveform: [],
    thumbs: [],
  };
  show(undefined, { attachments: [file] });
  const [open, save] = screen.getAllByRole('link');
  expect(open?.textContent).toContain('plan.pdf');
  expect(open?.getAttribute('href')).toBe('/api/files/9');
  expect(open?.getAttribute('target')).toBe('_blank');
  expect(save?.getAttribute('href')).toBe('/api/files/9/download');
});
