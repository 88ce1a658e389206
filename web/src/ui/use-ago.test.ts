import { expect, test } from 'vitest';
import { ago } from './use-ago';

const NOW = Date.parse('2026-11-27T12:00:00Z');

test.each([
  ['2026-11-27T12:00:00Z', 'now'],
  ['2026-11-27T11:59:15Z', '45 seconds ago'],
  ['2026-11-27T11:58:00Z', '2 minutes ago'],
  ['2026-11-27T09:00:00Z', '3 hours ago'],
  ['2026-11-24T12:00:00Z', '3 days ago'],
  ['2026-11-13T12:00:00Z', '2 weeks ago'],
  ['2026-09-27T12:00:00Z', '2 months ago'],
  ['2024-11-27T12:00:00Z', '2 years ago'],
  ['2026-11-27T12:00:30Z', 'now'],
  ['2026-11-27T15:00:00Z', 'now'],
])('%s is %s', (iso, wanted) => expect(ago(iso, NOW, 'en')).toBe(wanted));

test('in Chinese', () => expect(ago('2026-11-27T11:58:00Z', NOW, 'zh-Hans')).toBe('2分钟前'));
