import { expect, test } from 'vitest';
import { faultOf, missingOf } from './faults';

test('a page over plain http is told so before the browser is blamed', () => {
  expect(missingOf({ secure: false, asks: false, records: true })).toBe('insecure');
  expect(missingOf({ secure: true, asks: false, records: true })).toBe('unsupported');
  expect(missingOf({ secure: true, asks: true, records: false })).toBe('unsupported');
  expect(missingOf({ secure: true, asks: true, records: true })).toBeUndefined();
});

test('what a browser answers is told apart by what one can do about it', () => {
  const of = (name: string) => faultOf(new DOMException('no', name));
  expect(of('NotAllowedError')).toBe('denied');
  expect(of('NotFoundError')).toBe('absent');
  expect(of('NotReadableError')).toBe('busy');
  expect(of('SomethingNewError')).toBe('failed');
  expect(faultOf(undefined)).toBe('failed');
});
