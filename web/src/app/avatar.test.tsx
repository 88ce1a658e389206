import { readdirSync, readFileSync } from 'node:fs';
import { fireEvent, render } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, expect, test } from 'vitest';
import { DRAWN, drawnUrl } from '../lib/avatars';
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

test.each(DRAWN)('%s is there, small, and nothing in it runs or is fetched', (name) => {
  const drawing = readFileSync(`public${drawnUrl(name)}`, 'utf8');
  expect(drawing.length).toBeLessThan(2560);
  expect(drawing).toMatch(/^<svg xmlns="[^"]+" viewBox="0 0 64 64">/);
  expect(new Set(drawing.match(/(?<=<)\w+/g))).toEqual(
    new Set([...(drawing.match(/(?<=<)(?:svg|g|path|circle|ellipse|rect)\b/g) ?? [])]),
  );
  expect(drawing).not.toMatch(/\s(?:on\w+|style|href|xlink:href)=|url\(/);
});

test('what is not offered is not there', () => {
  expect(readdirSync('public/avatars').sort()).toEqual(DRAWN.map((name) => `${name}.svg`).sort());
});
