import { cleanup, fireEvent, render } from '@testing-library/react';
import { useRef } from 'react';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useTypeToCompose } from './index';

function Page() {
  const box = useRef<HTMLTextAreaElement>(null);
  useTypeToCompose(box);
  return (
    <main data-pane="">
      <article tabIndex={-1}>a message</article>
      <input type="range" aria-label="position" />
      <input type="search" aria-label="find" />
      <textarea ref={box} />
    </main>
  );
}

let page: HTMLElement;
const at = (selector: string) => page.querySelector(selector) as HTMLElement;

beforeEach(() => {
  page = render(<Page />).container;
});
afterEach(cleanup);

/** Whether a key that is pressed there leads to the box. */
function leads(selector: string, stroke: object): boolean {
  at(selector).focus();
  fireEvent.keyDown(at(selector), stroke);
  return document.activeElement === at('textarea');
}
const PASTE = { key: 'v', code: 'KeyV', ctrlKey: true };

test('what is typed or pasted beside the box goes into it', () => {
  fireEvent.pointerDown(at('article'));
  expect(leads('article', { key: 'h', code: 'KeyH' })).toBe(true);
  expect(leads('article', PASTE)).toBe(true);
});

test('what is pasted goes there also for who came to a message by keys, to whom letters mean something', () => {
  fireEvent.keyDown(document.body, { key: 'Tab', code: 'Tab' });
  expect(leads('article', { key: 'r', code: 'KeyR' })).toBe(false);
  expect(leads('article', PASTE)).toBe(true);
});

test('what takes text keeps it; a slider takes none', () => {
  expect(leads('[type=search]', PASTE)).toBe(false);
  expect(leads('[type=search]', { key: 'h', code: 'KeyH' })).toBe(false);
  expect(leads('[type=range]', PASTE)).toBe(true);
  fireEvent.pointerDown(at('[type=range]'));
  expect(leads('[type=range]', { key: 'h', code: 'KeyH' })).toBe(true);
});
