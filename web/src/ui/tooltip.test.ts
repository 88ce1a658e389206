import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { installTooltip } from './tooltip';

let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = '<button id="a" data-tip="Reply" data-tip-keys="R">x</button><button id="b">y</button>';
  stop = installTooltip();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

const tip = () => document.querySelector<HTMLElement>('.ui-tip');
const point = (id: string) => document.getElementById(id)?.dispatchEvent(new Event('pointerover', { bubbles: true }));

test('appears only after the pointer has stayed', () => {
  point('a');
  vi.advanceTimersByTime(400);
  expect(tip()?.hidden).toBe(true);
  vi.advanceTimersByTime(100);
  expect(tip()?.hidden).toBe(false);
  expect(tip()?.textContent).toBe('ReplyR');
});

test('goes when the pointer goes on', () => {
  point('a');
  vi.advanceTimersByTime(500);
  point('b');
  expect(tip()?.hidden).toBe(true);
});

test('goes on Escape', () => {
  point('a');
  vi.advanceTimersByTime(500);
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
  expect(tip()?.hidden).toBe(true);
});

test('is nothing to a screen reader: the control has its own label', () => {
  expect(tip()?.getAttribute('aria-hidden')).toBe('true');
});

test('leaves nothing behind when it is stopped', () => {
  stop();
  expect(tip()).toBeNull();
  point('a');
  vi.advanceTimersByTime(500);
  expect(tip()).toBeNull();
});
