import { act, renderHook } from '@testing-library/react';
import { createElement, type ReactNode } from 'react';
import { IntlProvider } from 'use-intl';
import { expect, test, vi } from 'vitest';
import { ago, useAgo } from './use-ago';

const NOW = Date.parse('2026-11-27T12:00:00Z');

test.each([
  ['2026-11-27T12:00:00Z', 'now'],
  ['2026-11-27T11:59:15Z', '45 seconds ago'],
  ['2026-11-27T11:59:00Z', '1 minute ago'],
  ['2026-11-27T11:58:00Z', '2 minutes ago'],
  ['2026-11-27T09:00:00Z', '3 hours ago'],
  ['2026-11-26T12:00:00Z', '1 day ago'],
  ['2026-11-24T12:00:00Z', '3 days ago'],
  ['2026-11-13T12:00:00Z', '2 weeks ago'],
  ['2026-09-27T12:00:00Z', '2 months ago'],
  ['2024-11-27T12:00:00Z', '2 years ago'],
  ['2026-11-27T12:00:30Z', 'now'],
  ['2026-11-27T15:00:00Z', 'now'],
])('%s is %s', (iso, wanted) => expect(ago(iso, NOW, 'en')).toBe(wanted));

test('in Chinese', () => expect(ago('2026-11-27T11:58:00Z', NOW, 'zh-Hans')).toBe('2分钟前'));

test('on a page that stays open it grows by itself, until nobody looks', () => {
  vi.useFakeTimers({ now: NOW });
  const wrapper = ({ children }: { children: ReactNode }) => createElement(IntlProvider, { locale: 'en', children });
  const { result, unmount } = renderHook(useAgo, { wrapper });
  expect(result.current('2026-11-27T11:58:00Z')).toBe('2 minutes ago');
  act(() => void vi.advanceTimersByTime(3 * 60_000));
  expect(result.current('2026-11-27T11:58:00Z')).toBe('5 minutes ago');
  unmount();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
