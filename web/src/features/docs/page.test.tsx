import { readFileSync } from 'node:fs';
import { fireEvent, render, screen, within } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, expect, test, vi } from 'vitest';
import messages from '../../locales/en';
import { type Document, framesOf, groupsOf } from './openapi';
import { DocsPage } from './page';

/** The document the server really gives. */
const DOC = JSON.parse(readFileSync('../docs/openapi.json', 'utf8')) as Document;

/** A few of its calls and one frame: drawing all of them for each test would take longer than it tells. */
const FEW: Document = {
  ...DOC,
  paths: Object.fromEntries(
    ['/api/auth/sessions', '/api/rooms', '/api/rooms/{id}/messages'].map((path) => [path, DOC.paths?.[path] ?? {}]),
  ),
  components: {
    schemas: {
      ...DOC.components?.schemas,
      ClientFrame: { oneOf: DOC.components?.schemas?.ClientFrame?.oneOf?.slice(0, 1) ?? [] },
      ServerFrame: { oneOf: [] },
    },
  },
};

function show() {
  return render(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <DocsPage
        doc={FEW}
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

test('every call and every frame of the server is understood', () => {
  const calls = Object.values(DOC.paths ?? {}).flatMap((item) => Object.keys(item)).length;
  expect(calls).toBeGreaterThan(30);
  expect(groupsOf(DOC).flatMap((group) => group.operations)).toHaveLength(calls);
  for (const union of ['ClientFrame', 'ServerFrame']) {
    const variants = DOC.components?.schemas?.[union]?.oneOf?.length ?? 0;
    expect(variants).toBeGreaterThan(5);
    expect(framesOf(DOC, union)).toHaveLength(variants);
  }
});

test('calls and frames are on the page', () => {
  const { container } = show();
  const names = [...container.querySelectorAll('.docs-operation > summary > code')].map((code) => code.textContent);
  expect(names).toEqual([
    '/api/auth/sessions',
    '/api/auth/sessions',
    '/api/rooms',
    '/api/rooms',
    '/api/rooms/{id}/messages',
    '/api/rooms/{id}/messages',
    'join',
  ]);
});

test('the search keeps what fits and says when nothing does', () => {
  const { container } = show();
  const field = screen.getByRole('searchbox');
  fireEvent.change(field, { target: { value: 'sessions delete' } });
  const paths = [...container.querySelectorAll('.docs-operation > summary > code')].map((code) => code.textContent);
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.every((path) => path?.includes('/sessions'))).toBe(true);
  fireEvent.change(field, { target: { value: 'zzzz' } });
  expect(screen.getByText(/Nothing fits/)).toBeTruthy();
});

test('a call can be tried: its address, its body, its answer', async () => {
  const fetched = vi.fn((_address: string, _request: RequestInit) =>
    Promise.resolve(new Response('{"code":200,"message":"success","data":{"id":9}}', { status: 200 })),
  );
  vi.stubGlobal('fetch', fetched);
  const { container } = show();
  const call = [...container.querySelectorAll<HTMLDetailsElement>('details.docs-operation')].find(
    (one) =>
      one.querySelector('.docs-method')?.textContent === 'POST' &&
      one.querySelector('summary code')?.textContent === '/api/rooms/{id}/messages',
  );
  if (!call) throw new Error('the call is not on the page');
  call.open = true;
  fireEvent(call, new Event('toggle'));
  fireEvent.click(within(call).getByRole('tab', { name: 'Try it' }));

  fireEvent.submit(within(call).getByText('Send'));
  expect(await within(call).findByText('Fill in id first.')).toBeTruthy();
  expect(fetched).not.toHaveBeenCalled();

  fireEvent.change(within(call).getByLabelText('id'), { target: { value: '7' } });
  fireEvent.submit(within(call).getByText('Send'));
  expect(await within(call).findByText('Answer 200')).toBeTruthy();
  const [address, request] = fetched.mock.calls[0] ?? [];
  expect(address).toBe('/api/rooms/7/messages');
  expect(request?.method).toBe('POST');
  expect(JSON.parse(String(request?.body))).toEqual({ content: 'Hello, 你好' });
});
