import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import messages from '../../locales/en';
import { emojisOf, NO_EMOJIS, useEmojis } from '../../state/emojis';
import { AT } from '../../state/samples';
import { Markdown } from './markdown';
import { Named } from './named';

const PARROT = { id: 3, name: 'party-parrot', url: '/api/avatars/0a', created_by: 2, created_at: AT };
const OF_PLACE = emojisOf(1, [PARROT]);

beforeEach(async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('away')));
  useEmojis.setState(OF_PLACE, true);
  await Named.preload();
});
afterEach(() => {
  cleanup();
  useEmojis.setState(NO_EMOJIS, true);
  vi.unstubAllGlobals();
});

const inEnglish = (drawn: React.ReactNode) =>
  render(
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      {drawn}
    </IntlProvider>,
  ).container;
const draw = (source: string) => inEnglish(<Markdown source={source} me={1} />);
/** The words and pictures in their order, as a reader tells them and as they are copied. */
const told = (root: HTMLElement) => {
  const walk = (node: Node): string =>
    node instanceof HTMLImageElement
      ? `[${node.alt}]`
      : node instanceof Text
        ? node.data
        : [...node.childNodes].map(walk).join('');
  return walk(root);
};

test('a name is its picture, told and copied as the name', () => {
  const root = draw('well done :party-parrot:!');
  expect(told(root)).toBe('well done [:party-parrot:]!');
  const picture = screen.getByRole('img', { name: ':party-parrot:' });
  expect(picture.getAttribute('src')).toBe('/api/avatars/0a');
  expect(picture.dataset.tip).toBe(':party-parrot:');
});

test('in code, and where the place has none of this name, it stays text', () => {
  expect(told(draw('`:party-parrot:` :Party-Parrot: :unknown:'))).toBe(':party-parrot: :Party-Parrot: :unknown:');
});

test('one that comes is drawn where its name stands already, and one that goes is its name again', () => {
  useEmojis.setState(NO_EMOJIS, true);
  const root = draw('so :party-parrot:');
  expect(told(root)).toBe('so :party-parrot:');
  act(() => useEmojis.setState(OF_PLACE, true));
  expect(told(root)).toBe('so [:party-parrot:]');
  act(() => useEmojis.setState(NO_EMOJIS, true));
  expect(told(root)).toBe('so :party-parrot:');
});

test('a picture that does not come is its name', () => {
  const root = draw(':party-parrot:');
  fireEvent.error(screen.getByRole('img'));
  expect(told(root)).toBe(':party-parrot:');
});

test('in a quote it is drawn in its line, but not what was code', () => {
  const source = '**see** `:party-parrot:`\n- :party-parrot: [x](https://a.example) :unknown:';
  const root = inEnglish(<Named text="waiting" source={source} />);
  expect(told(root)).toBe('see :party-parrot: • [:party-parrot:] x :unknown:');
});
