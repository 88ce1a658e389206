import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { IntlProvider } from 'use-intl';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import messages from '../../locales/en';
import { Lightbox } from '../../ui/lightbox';

const pictures = [1, 2, 3].map((id) => ({
  key: `${id}`,
  src: `/api/files/${id}`,
  thumb: `/api/files/${id}?thumb=1024`,
  width: 2000,
  height: 1000,
  alt: `${id}.png`,
}));
const onClose = vi.fn();

function Page() {
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState('2');
  return (
    <IntlProvider locale="en" messages={messages} timeZone="UTC">
      <button type="button" onClick={() => setOpen(true)}>
        the picture in its row
      </button>
      <Lightbox
        open={open}
        onClose={() => {
          onClose();
          setOpen(false);
        }}
        title="Picture from Maya"
        pictures={pictures}
        current={current}
        onCurrent={setCurrent}
        heading="Maya"
        caption="look at this"
      />
    </IntlProvider>
  );
}

beforeEach(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  for (const side of ['clientWidth', 'clientHeight']) {
    Object.defineProperty(HTMLElement.prototype, side, { configurable: true, get: () => 1000 });
  }
  onClose.mockReset();
  render(<Page />);
  const opener = screen.getByText('the picture in its row');
  opener.focus();
  fireEvent.click(opener);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const picture = () => screen.getByTestId<HTMLImageElement>('enlarged');
const scale = () => /scale\(([\d.]+)\)/.exec(picture().style.transform)?.[1];
const offset = () => /translate\((-?[\d.]+)px/.exec(picture().style.transform)?.[1];
const press = (key: string, change = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, code: key, ...change });

test('it has the focus, so that keys work at once, and tells what it shows', () => {
  expect(screen.getByRole('dialog', { name: 'Picture from Maya' }).contains(document.activeElement)).toBe(true);
  expect(picture().alt).toBe('2.png');
  expect(screen.getByText('2 of 3')).toBeTruthy();
  expect(screen.getByText('look at this')).toBeTruthy();
});

test('arrows lead on and end at the ends', () => {
  press('ArrowRight');
  expect(picture().alt).toBe('3.png');
  press('ArrowRight');
  expect(picture().alt).toBe('3.png');
  press('ArrowLeft');
  press('ArrowLeft');
  expect(picture().alt).toBe('1.png');
  expect(screen.getByRole('button', { name: 'Previous picture' }).getAttribute('aria-disabled')).toBe('true');
  press('End');
  expect(picture().alt).toBe('3.png');
  press('Home');
  expect(picture().alt).toBe('1.png');
});

test('a whole picture follows the finger that turns it, to one side only, and glides back where that was too little', () => {
  const stage = picture().parentElement ?? document.body;
  stage.setPointerCapture = () => undefined;
  const point = (x: number, y: number) => ({ pointerId: 1, button: 0, clientX: x, clientY: y });
  fireEvent.pointerDown(picture(), point(0, 0));
  fireEvent.pointerMove(stage, point(-30, 4));
  expect(picture().style.transform).toContain('translate(-30px, 0px)');
  expect(stage.dataset.pulled).toBe('true');
  fireEvent.pointerUp(stage, point(-30, 4));
  expect([offset(), stage.dataset.pulled, picture().alt]).toEqual(['0', undefined, '2.png']);
  fireEvent.pointerDown(picture(), point(0, 0));
  fireEvent.pointerMove(stage, point(-90, 0));
  fireEvent.pointerUp(stage, point(-90, 0));
  expect([offset(), picture().alt]).toEqual(['0', '3.png']);
});

test('plus, minus and 0 zoom; Shift with an arrow looks aside; the next one is whole', () => {
  press('+', { shiftKey: true });
  press('=');
  expect(scale()).toBe('2.25');
  press('ArrowRight', { shiftKey: true });
  expect(Number(offset())).toBeLessThan(0);
  press('-');
  expect(scale()).toBe('1.5');
  press('ArrowRight');
  expect(scale()).toBe('1');
  press('+');
  press('0');
  expect([scale(), offset()]).toEqual(['1', '0']);
});

test('the wheel zooms the picture and not the page', () => {
  const stage = picture().parentElement ?? document.body;
  const turn = new WheelEvent('wheel', { deltaY: -100, bubbles: true, cancelable: true });
  act(() => void stage.dispatchEvent(turn));
  expect(turn.defaultPrevented).toBe(true);
  expect(Number(scale())).toBeGreaterThan(1.1);
});

test('Escape closes it and gives the focus back', async () => {
  press('Escape');
  expect(onClose).toHaveBeenCalledTimes(1);
  await vi.waitFor(() => expect(document.activeElement?.textContent).toBe('the picture in its row'));
});

test('a press beside the picture closes it, one on it does not', () => {
  const stage = picture().parentElement ?? document.body;
  stage.setPointerCapture = () => undefined;
  const tap = (target: Element) => {
    const point = { pointerId: 1, button: 0, clientX: 5, clientY: 5 };
    fireEvent.pointerDown(target, point);
    fireEvent.pointerUp(target, point);
  };
  tap(picture());
  expect(onClose).not.toHaveBeenCalled();
  tap(stage);
  expect(onClose).toHaveBeenCalledTimes(1);
});

test('one that does not come says so and can be asked for again', () => {
  fireEvent.error(picture());
  expect(screen.getByRole('alert').textContent).toContain('did not load');
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(picture().alt).toBe('2.png');
});
