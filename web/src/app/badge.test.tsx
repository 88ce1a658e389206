import { act, cleanup, render } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { http, type ServerFacts } from '../net';
import { useTitle } from './badge';
import { learnFacts } from './server-facts';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function Page({ before }: { before?: string }) {
  useTitle(before);
  return null;
}

test('the page is named after the server, as soon as its name is known', async () => {
  vi.spyOn(http, 'server').mockResolvedValue({ name: 'Paper Mill' } as ServerFacts);
  const page = render(<Page before="(2) Kitchen · " />);
  expect(document.title).toBe('(2) Kitchen · Chinwag');
  await act(learnFacts);
  expect(document.title).toBe('(2) Kitchen · Paper Mill');
  page.unmount();
  expect(document.title).toBe('Paper Mill');
  render(<Page />);
  expect(document.title).toBe('Paper Mill');
});
