import { expect, test } from 'vitest';
import { forSeveral } from './several';

test('all are done, never more at a time than allowed, and what failed is told', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  const failed = await forSeveral([1, 2, 3, 4, 5, 6, 7], 3, async (one) => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    if (one === 2) throw new Error('two');
    done.push(one);
  });
  expect(most).toBe(3);
  expect(done.sort()).toEqual([1, 3, 4, 5, 6, 7]);
  expect([...failed]).toEqual([[2, new Error('two')]]);
});

test('what failed is no reason to leave the rest, also where they are done one after the other', async () => {
  const done: number[] = [];
  const failed = await forSeveral([1, 2, 3], 1, async (one) => {
    if (one === 1) throw new Error('one');
    done.push(one);
  });
  expect(done).toEqual([2, 3]);
  expect([...failed.keys()]).toEqual([1]);
});
