import { fireEvent, render } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, expect, test } from 'vitest';
import messages from '../locales/en';
import { Avatar, RoomTile } from '../ui';

afterEach(() => {
  document.body.innerHTML = '';
});

const Page = ({ src }: { src: string }) => (
  <IntlProvider locale="en" messages={messages} timeZone="UTC">
    <Avatar id={1} name="Maya Lindqvist" src={src} />
  </IntlProvider>
);
const picture = () => document.querySelector('img');
const letters = () => document.querySelector('.ui-letters')?.getAttribute('data-letters');

test('letters stand under a picture, and alone where there is none', () => {
  const { rerender } = render(<Page src="" />);
  expect([letters(), picture()]).toEqual(['ML', null]);
  rerender(<Page src="/avatars/fox.svg" />);
  expect([letters(), picture()?.getAttribute('src')]).toEqual(['ML', '/avatars/fox.svg']);
  // The name stands beside it.
  expect(picture()?.alt).toBe('');
});

test('a picture that does not come leaves the letters, and another one is another try', () => {
  const { rerender } = render(<Page src="/api/avatars/gone" />);
  const img = picture();
  if (img) fireEvent.error(img);
  expect([letters(), picture()]).toEqual(['ML', null]);
  rerender(<Page src="/api/avatars/new" />);
  expect(picture()?.getAttribute('src')).toBe('/api/avatars/new');
});

test('a room has its letter, or its picture', () => {
  render(<RoomTile id={7} name="Tea House" src="/avatars/owl.svg" />);
  expect([letters(), picture()?.getAttribute('src')]).toEqual(['T', '/avatars/owl.svg']);
});
