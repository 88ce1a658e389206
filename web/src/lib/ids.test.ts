import { describe, expect, it } from 'vitest';
import { newId } from './ids';

describe('newId', () => {
  it('has the form of a UUID of version 7', () => {
    expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('begins with the time', () => {
    // The example of RFC 9562, appendix A.6.
    expect(newId(0x017f22e279b0).slice(0, 13)).toBe('017f22e2-79b0');
    expect(newId(1_700_000_000_000) < newId(1_700_000_000_001)).toBe(true);
  });

  it('is new each time, also within a millisecond', () => {
    const made = new Set(Array.from({ length: 1000 }, () => newId(7)));
    expect(made.size).toBe(1000);
  });
});
