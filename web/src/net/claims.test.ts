// @vitest-environment node
import { expect, test } from 'vitest';
import { Claims } from './claims';
import { BrowserLocks } from './claims.setup';

const settle = () => new Promise<void>((done) => setTimeout(done, 0));

/** Two tabs of a browser that has locks. */
function pair() {
  const browser = new BrowserLocks();
  const [first, second] = [browser.tab(), browser.tab()];
  const claims = (tab: unknown) => new Claims(tab as LockManager);
  return { first: claims(first), second: claims(second), close: () => first.close() };
}

test('what one tab carries another gets when that one is closed, and not before', async () => {
  const { first, second, close } = pair();
  first.hold('u');
  let taken: boolean | undefined;
  void second.take('u').then((answer) => {
    taken = answer;
  });
  await settle();
  expect(taken).toBeUndefined();
  close();
  await settle();
  expect(taken).toBe(true);
});

test('what was let go of is free, also before it was had', async () => {
  const { first, second } = pair();
  first.hold('u');
  const waited = second.take('u');
  second.drop('u');
  expect(await waited).toBe(false);
  first.drop('u');
  expect(await second.take('u')).toBe(true);
});

test('who does not wait for ever leaves it where it is', async () => {
  const { first, second } = pair();
  first.hold('u');
  const bound = new AbortController();
  const waited = second.take('u', bound.signal);
  bound.abort();
  expect(await waited).toBe(false);
  first.drop('u');
  expect(await second.take('u')).toBe(true);
});

test('where locks are denied each tab carries by itself', async () => {
  const denied = { request: () => Promise.reject(new DOMException('denied', 'SecurityError')) };
  expect(await new Claims(denied as unknown as LockManager).take('u')).toBe(true);
});

test('without locks the other tabs are asked, and silence means that nobody carries it', async () => {
  const [first, second] = [new Claims(null), new Claims(null)];
  first.hold('u');
  expect(await Promise.all([second.take('u'), second.take('v')])).toEqual([false, true]);
  first.drop('u');
  expect(await second.take('u')).toBe(true);
});
