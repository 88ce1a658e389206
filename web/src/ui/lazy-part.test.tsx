import { readFileSync } from 'node:fs';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useLayoutEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { IntlProvider } from 'use-intl';
import { afterEach, expect, test, vi } from 'vitest';
import { lazyPart } from './lazy-part';

afterEach(cleanup);

const words = JSON.parse(readFileSync('src/locales/en/ui.json', 'utf8'));

interface Props {
  open?: boolean;
  onClose?: () => void;
}

const draw = (node: React.ReactNode) => (
  <IntlProvider locale="en" messages={words}>
    <p>the rest</p>
    {node}
  </IntlProvider>
);
const Good = ({ open = true }: Props) => <p>{open ? 'here it is' : 'closing'}</p>;
const away = () => Promise.reject(new TypeError('Failed to fetch dynamically imported module'));

test('what does not come says so in its place, and another try is a real one', async () => {
  let line = false;
  const Part = lazyPart<Props>(() => (line ? Promise.resolve({ default: Good }) : away()));
  render(draw(<Part />));
  await screen.findByText('This part of the page did not load');
  expect(screen.getByText('the rest')).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await vi.waitFor(() => expect(screen.getByRole('button', { name: 'Try again' }).ariaBusy).not.toBe('true'));
  line = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByText('here it is');
});

test('what waits knows what it waits for', async () => {
  const Part = lazyPart<Props>(() => new Promise(() => undefined), {
    waiting: ({ open }) => <p>{open ? 'as large as it' : 'small'}</p>,
  });
  render(draw(<Part open />));
  expect(screen.getByText('as large as it')).toBeTruthy();
});

test('a hiccup of the network is not told to anybody', async () => {
  const load = vi.fn(away).mockImplementation(() => Promise.resolve({ default: Good }) as never);
  load.mockImplementationOnce(away);
  const Part = lazyPart<Props>(load);
  render(draw(<Part />));
  await screen.findByText('here it is');
  expect(load).toHaveBeenCalledTimes(2);
});

test('what comes between a drawing without it and what follows that is drawn', async () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', false);
  let come: (chunk: { default: typeof Good }) => void = () => undefined;
  const Part = lazyPart<Props>(() => new Promise((resolve) => (come = resolve)));
  void Part.preload();
  function Last() {
    useLayoutEffect(() => come({ default: Good }), []);
    return null;
  }
  const box = document.body.appendChild(document.createElement('div'));
  const root = createRoot(box);
  root.render(
    draw(
      <>
        <Part />
        <Last />
      </>,
    ),
  );
  await vi.waitFor(() => expect(box.textContent).toContain('here it is'));
  root.unmount();
  box.remove();
  vi.unstubAllGlobals();
});

test('nothing is fetched before it is wanted, and what was drawn stays to be seen closing', async () => {
  const load = vi.fn(() => Promise.resolve({ default: Good }));
  const Part = lazyPart<Props>(load, { wanted: ({ open }) => open === true });
  const { rerender } = render(draw(<Part open={false} />));
  expect(load).not.toHaveBeenCalled();
  rerender(draw(<Part open />));
  await screen.findByText('here it is');
  rerender(draw(<Part open={false} />));
  await screen.findByText('closing');
});

test('a notice that is dismissed is gone, and opening again tries again', async () => {
  let line = false;
  const Part = lazyPart<Props>(() => (line ? Promise.resolve({ default: Good }) : away()), {
    wanted: ({ open }) => open === true,
    place: 'notice',
  });
  const onClose = vi.fn();
  const { rerender } = render(draw(<Part open onClose={onClose} />));
  await screen.findByText('This part of the page did not load');
  await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
  expect(onClose).toHaveBeenCalledOnce();
  rerender(draw(<Part open={false} onClose={onClose} />));
  expect(screen.queryByText('This part of the page did not load')).toBeNull();
  line = true;
  rerender(draw(<Part open onClose={onClose} />));
  await screen.findByText('here it is');
});

test('a part that fails while it is drawn takes nothing else with it', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  let broken = true;
  const Part = lazyPart<Props>(async () => ({
    default: () => {
      if (broken) throw new Error('a fault in the part');
      return <p>here it is</p>;
    },
  }));
  render(draw(<Part />));
  await screen.findByText('This part of the page has stopped working');
  expect(screen.getByText('the rest')).toBeTruthy();
  broken = false;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByText('here it is');
});
