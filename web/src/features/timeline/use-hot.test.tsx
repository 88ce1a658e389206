import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useRef } from 'react';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useHot } from './use-hot';

let list: ReturnType<typeof useHot>;
function List() {
  const frame = useRef<HTMLDivElement>(null);
  list = useHot(frame);
  return (
    <div ref={frame} data-testid="list" {...list.listeners}>
      {['one', 'two'].map((key) => (
        <div key={key} className="tl-row" data-key={key}>
          {key}
        </div>
      ))}
    </div>
  );
}

const mouse = { pointerType: 'mouse', clientX: 40, clientY: 20 };
const over = (row: string) => fireEvent.pointerOver(screen.getByText(row), mouse);
const move = (row: string) => fireEvent.pointerMove(screen.getByText(row), mouse);
/** What lies where the mouse rests. */
let under: Element | undefined;

beforeEach(() => {
  under = undefined;
  Object.assign(document, { elementFromPoint: (x: number, y: number) => (x === 40 && y === 20 ? under : null) });
  render(<List />);
});
afterEach(() => {
  cleanup();
  Reflect.deleteProperty(document, 'elementFromPoint');
});

test('the row under the mouse is hot, until the mouse leaves', () => {
  move('one');
  expect(list.hot).toBe('one');
  over('two');
  expect(list.hot).toBe('two');
  fireEvent.pointerLeave(screen.getByTestId('list'), mouse);
  expect(list.hot).toBeUndefined();
});

test('a list that moves under a hand at rest leaves it where it was, until it stands', () => {
  move('one');
  act(() => list.moves());
  over('two');
  expect(list.hot).toBe('one');
  under = screen.getByText('two');
  act(() => list.rests());
  expect(list.hot).toBe('two');
});

test('where something else lies over the list then, nothing changes', () => {
  move('one');
  act(() => list.moves());
  under = document.body;
  act(() => list.rests());
  expect(list.hot).toBe('one');
});

test('keys go elsewhere than a mouse at rest, until it moves', () => {
  move('one');
  act(() => list.byKeys('two'));
  over('one');
  under = screen.getByText('one');
  act(() => list.rests());
  expect(list.hot).toBe('two');
  move('one');
  expect(list.hot).toBe('one');
});
