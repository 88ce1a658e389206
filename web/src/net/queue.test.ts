/** What holds for every kind of step, and for several kinds beside each other. */
import { describe, expect, test } from 'vitest';
import type { Step, StepKind } from '../state';
import { ApiError } from './api';
import { edit, pair, recall, send, settle, Tab } from './queue.setup';

/** Another kind is a line here, or this does not compile. */
const KINDS: { readonly [K in StepKind]: (id: string) => Step } = { send, edit, recall };
const forever = new Promise<void>(() => undefined);

describe.each(Object.entries(KINDS))('%s', (_, step) => {
  test('a step made in any tab is held by all and taken by the one that leads', () => {
    const [first, second] = pair();
    first.hold = forever;
    second.add(step('a'));
    expect([first.taken.length, second.taken.length]).toEqual([1, 0]);
    expect([first.states(), second.states()]).toEqual([{ a: 'sending' }, { a: 'sending' }]);
  });

  test('thrown away in one tab before it was taken, it is gone in all and from the disk', () => {
    const [first, second] = pair();
    first.leads = false;
    first.add(step('a'));
    expect(second.queue.discard('a')).toBe(true);
    expect([first.states(), second.states(), first.disk.size]).toEqual([{}, {}, 0]);
  });

  test('what is on its way is not thrown away by a tab that does not know it yet', () => {
    const [first, second] = pair();
    first.hold = forever;
    first.add(step('a'));
    first.queue.heard({ gone: 'a' });
    expect([first.states(), second.states(), first.disk.size]).toEqual([{ a: 'sending' }, { a: 'sending' }, 1]);
  });

  test('who leads next takes again what the one before had on its way', () => {
    const [first, second] = pair();
    first.hold = second.hold = forever;
    first.add(step('a'));
    first.leads = false;
    second.leads = true;
    second.queue.lead();
    expect(second.taken).toHaveLength(1);
  });

  test.each([
    ['waits', false],
    ['is on its way', true],
  ])('who leads next takes, too, what was done while it was opening and could not hear: what %s there', (_, leads) => {
    const first = new Tab();
    first.hold = forever;
    first.leads = leads;
    first.add(step('a'));
    first.leads = false;
    const second = new Tab(first.disk);
    second.hold = forever;
    first.others.push(second);
    second.others.push(first);
    second.queue.lead();
    expect(second.taken).toHaveLength(1);
    expect([first.states(), second.states()]).toEqual([{ a: 'sending' }, { a: 'sending' }]);
  });

  test('what a former page left is taken, once', () => {
    const tab = new Tab();
    tab.hold = forever;
    tab.queue.restore([{ ...step('a'), state: 'sending' }]);
    tab.queue.restore([step('a')]);
    expect(tab.taken).toHaveLength(1);
  });

  test('without a connection it waits on the disk for the next one', () => {
    const tab = new Tab();
    tab.hold = forever;
    tab.up = false;
    tab.add(step('a'));
    expect([tab.taken, tab.states(), tab.disk.has('a')]).toEqual([[], { a: 'queued' }, true]);
    tab.connects();
    expect(tab.taken).toHaveLength(1);
  });

  test('what was forgotten is not asked for again, and its answer changes nothing', async () => {
    const tab = new Tab();
    tab.answers = [new ApiError(403, 'forbidden', 'No.')];
    tab.add(step('a'));
    tab.queue.clear();
    await settle();
    tab.fire();
    expect([tab.states(), tab.taken.length]).toEqual([{}, 1]);
  });
});

describe('of several kinds', () => {
  test('what is done in a place is taken in the order it was done, one after the other', async () => {
    const tab = new Tab();
    tab.up = false;
    tab.add(send('a'), edit('b', 7), send('c'), recall('d', 8));
    tab.connects();
    expect(tab.taken).toEqual(['a']);
    tab.ack('a');
    await settle();
    expect(tab.taken).toEqual(['a', 'b', 'c']);
    tab.ack('c');
    await settle();
    expect(tab.taken).toEqual(['a', 'b', 'c', 'recall 8']);
  });

  test('a clock that is set back turns no order round, in no tab and on no later visit', () => {
    const [first, second] = pair();
    first.up = second.up = false;
    first.add(send('z'), { ...send('a'), created_at: '2026-11-21T11:59:58.000Z' }, send('k'));
    expect(second.queue.steps.map(({ id }) => id)).toEqual(['z', 'a', 'k']);
    const later = new Tab(first.disk);
    later.up = false;
    later.queue.restore([...first.disk.values()].sort((x, y) => x.id.localeCompare(y.id)));
    expect(later.queue.steps.map(({ id }) => id)).toEqual(['z', 'a', 'k']);
  });

  test('a message that was sent, changed and taken back is all that in this order', async () => {
    const tab = new Tab();
    tab.add(send('a'));
    tab.ack('a');
    let release: () => void = () => undefined;
    tab.hold = new Promise((done) => {
      release = done;
    });
    tab.add(edit('b', 1), recall('c', 1));
    expect(tab.states()).toMatchObject({ b: 'sending', c: 'queued' });
    release();
    await settle();
    expect(tab.taken).toEqual(['a', 'b', 'recall 1']);
  });

  test('places do not wait for each other', () => {
    const tab = new Tab();
    tab.hold = forever;
    tab.add(edit('a', 7, 1), send('b', 2), { ...send('c', 2), thread: 9 });
    expect(tab.taken).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['refused', new ApiError(403, 'forbidden', 'No.'), 0],
    ['cut off every time', new ApiError(0, 'unreachable', ''), 4],
    ['answered by a gateway every time', new ApiError(502, 'http_502', ''), 4],
  ])('one that is %s lets the next one go', async (_, refusal, waits) => {
    const tab = new Tab();
    tab.answers = [refusal, refusal, refusal, refusal];
    tab.add(edit('a', 7), send('b'));
    await settle();
    for (let wait = 0; wait < waits; wait += 1) {
      tab.fire();
      await settle();
    }
    expect(tab.states()).toEqual({ a: 'failed', b: 'sending' });
  });

  test('what nobody answered is tried as often as before, also when another tab asks for it again', async () => {
    const [first, second] = pair();
    first.add(send('a'));
    for (let round = 0; round < 2; round += 1) {
      for (let tries = 1; tries <= 4; tries += 1) {
        expect(first.taken).toHaveLength(round * 4 + tries);
        first.fire();
      }
      expect(second.states()).toEqual({ a: 'failed' });
      second.queue.retry('a');
    }
  });

  test('a change that waits is not overtaken by what was said after it', async () => {
    const tab = new Tab();
    tab.answers = [new ApiError(503, 'unavailable', '')];
    tab.add(edit('a', 7), send('b'));
    await settle();
    expect(tab.states()).toEqual({ a: 'queued', b: 'queued' });
    tab.fire();
    await settle();
    expect(tab.taken).toEqual(['a', 'a', 'b']);
  });
});
