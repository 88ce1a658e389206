import { readFileSync } from 'node:fs';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { IntlProvider } from 'use-intl';
import { afterEach, expect, test, vi } from 'vitest';
import messages from '../../locales/en';
import type { Document } from './openapi';
import { DocsPage } from './page';

/** The document the server really gives. */
const DOC = JSON.parse(readFileSync('../docs/openapi.json', 'utf8')) as Document;

function show() {
  return render(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <DocsPage
        doc={DOC}
        failed={false}
        onRetry={() => undefined}
        loggedInAs="maya"
        locale="en"
        onLocale={() => undefined}
      />
    </IntlProvider>,
  );
}

afterEach(() => {
  document.body.innerHTML = '';
  vi.unstubAllGlobals();
});

test('every call of the document is on the page', () => {
  const { container } = show();
  const calls = Object.values(DOC.paths ?? {}).flatMap((item) => Object.keys(item)).length;
  const frames =
    (DOC.components?.schemas?.ClientFrame?.oneOf?.length ?? 0) +
    (DOC.components?.schemas?.ServerFrame?.oneOf?.length ?? 0);
  expect(calls).toBeGreaterThan(30);
  expect(container.querySelectorAll('details.docs-operation')).toHaveLength(calls + frames);
});

test('the search keeps what fits and says when nothing does', async () => {
  const { container } = show();
  const field = screen.getByRole('searchbox');
  await userEvent.type(field, 'sessions delete');
  const paths = [...container.querySelectorAll('.docs-operation > summary > code')].map((code) => code.textContent);
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.every((path) => path?.includes('/sessions'))).toBe(true);
  await userEvent.clear(field);
  await userEvent.type(field, 'zzzz');
  expect(screen.getByText(/Nothing fits/)).toBeTruthy();
});

test('a call can be tried: its address, its body, its answer', async () => {
  const fetched = vi.fn((_address: string, _request: RequestInit) =>
    Promise.resolve(new Response('{"code":201,"message":"success","data":{"id":9}}', { status: 201 })),
  );
  vi.stubGlobal('fetch', fetched);
  const { container } = show();
  const call = [...container.querySelectorAll<HTMLDetailsElement>('details.docs-operation')].find(
    (one) =>
      one.querySelector('.docs-method')?.textContent === 'POST' &&
      one.querySelector('summary code')?.textContent === '/api/rooms/{id}/messages',
  );
  if (!call) throw new Error('the call is not on the page');
  await userEvent.click(within(call).getByText('/api/rooms/{id}/messages'));
  await userEvent.click(within(call).getByRole('tab', { name: 'Try it' }));

  await userEvent.click(within(call).getByRole('button', { name: 'Send' }));
  expect(within(call).getByText('Fill in id first.')).toBeTruthy();
  expect(fetched).not.toHaveBeenCalled();

  await userEvent.type(within(call).getByLabelText('id'), '7');
  await userEvent.click(within(call).getByRole('button', { name: 'Send' }));
  expect(await within(call).findByText('201')).toBeTruthy();
  const [address, request] = fetched.mock.calls[0] ?? [];
  expect(address).toBe('/api/rooms/7/messages');
  expect(request?.method).toBe('POST');
  expect(JSON.parse(String(request?.body))).toEqual({ content: 'Hello, 你好' });
});
