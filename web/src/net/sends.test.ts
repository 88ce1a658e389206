import { beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../state';
import { pair, send, Tab } from './queue.setup';

let tab: Tab;
beforeEach(() => {
  tab = new Tab();
});

describe('order', () => {
  test('a room sends one at a time, rooms do not wait for each other', () => {
    tab.add(send('a'));
    tab.add(send('b'));
    tab.add(send('x', 2));
    expect(tab.taken).toEqual(['a', 'x']);
    tab.ack('a');
    expect(tab.taken).toEqual(['a', 'x', 'b']);
  });

  test('a send that was told to wait is not overtaken', () => {
    tab.add(send('a'));
    tab.add(send('b'));
    tab.refuse('a', 429, { retry_after_ms: 700 });
    expect(tab.taken).toEqual(['a']);
    expect(tab.timers.at(-1)?.ms).toBe(700);
    tab.fire();
    expect(tab.taken).toEqual(['a', 'a']);
  });
});

describe('nothing is lost', () => {
  test('what is written without a connection goes out with the next one', () => {
    tab.up = false;
    tab.add(send('a'));
    expect(tab.states()).toEqual({ a: 'queued' });
    expect(tab.disk.has('a')).toBe(true);
    tab.up = true;
    tab.queue.flush();
    expect(tab.taken).toEqual(['a']);
  });

  test('a connection lost before the answer sends the same client id again', () => {
    tab.add(send('a'));
    tab.queue.pause();
    expect(tab.states()).toEqual({ a: 'queued' });
    tab.queue.flush();
    expect(tab.taken).toEqual(['a', 'a']);
  });

  test('an answer that never comes is asked for again', () => {
    tab.add(send('a'));
    tab.fire();
    expect(tab.taken).toEqual(['a', 'a']);
  });

  test('a reload finds what was unsent, once', () => {
    const left: Step = { ...send('a'), state: 'sending' };
    tab.queue.restore([left]);
    tab.queue.restore([left]);
    expect(tab.taken).toEqual(['a']);
    expect(tab.queue.steps).toHaveLength(1);
  });
});

describe('nothing is doubled', () => {
  test('a confirmed send leaves the storage at once and the page with its row', () => {
    tab.add(send('a'));
    tab.ack('a');
    expect(tab.disk.size).toBe(0);
    expect(tab.states()).toEqual({ a: 'sent' });
    tab.queue.flush();
    expect(tab.taken).toEqual(['a']);
  });

  test('a confirmed send whose row is already known needs no stand-in', () => {
    tab.add(send('a'));
    tab.ack('a', 5);
    tab.queue.seen(1, 4);
    expect(tab.states()).toEqual({ a: 'sent' });
    tab.queue.seen(1, 5);
    expect(tab.states()).toEqual({});
  });
});

describe('failures', () => {
  test('a refusal is told with its reason and lets the next one go', () => {
    tab.add(send('a'));
    tab.add(send('b'));
    tab.refuse('a', 422);
    expect(tab.states()).toEqual({ a: 'failed', b: 'sending' });
    expect(tab.queue.steps[0]?.error?.message).toBe('No.');
    expect(tab.disk.get('a')?.state).toBe('failed');
  });

  test('it can be tried again or dropped', () => {
    tab.add(send('a'));
    tab.refuse('a', 422);
    tab.queue.retry('a');
    expect(tab.taken).toEqual(['a', 'a']);
    tab.refuse('a', 422);
    expect(tab.queue.discard('a')).toBe(true);
    expect(tab.disk.size).toBe(0);
  });

  test('what is on its way cannot be dropped', () => {
    tab.add(send('a'));
    expect(tab.queue.discard('a')).toBe(false);
  });

  test('an error about something else is left alone', () => {
    tab.add(send('a'));
    expect(tab.queue.refused({ type: 'error', code: 404, reason: 'room_not_found', message: '', error: '' })).toBe(
      false,
    );
    expect(tab.states()).toEqual({ a: 'sending' });
    // Which of two it would be about nobody knows.
    tab.add(send('b', 2));
    expect(tab.queue.refused({ type: 'error', code: 400, reason: 'malformed', message: '', error: '' })).toBe(false);
    expect(tab.states()).toEqual({ a: 'sending', b: 'sending' });
  });
});

describe('one bad item never blocks a queue', () => {
  test('half an emoji goes as a sign for what cannot be read', () => {
    tab.add(send('a\ud83d b'));
    expect(tab.frames[0]).toMatchObject({ content: 'a\ufffd b' });
  });

  test('a refusal that does not say what of fails the one that was on its way', () => {
    tab.add(send('a'));
    tab.add(send('b'));
    tab.queue.refused({ type: 'error', code: 400, reason: 'malformed', message: 'No.', error: 'No.' });
    expect(tab.states()).toEqual({ a: 'failed', b: 'sending' });
  });

  test('what nobody ever answers lets the next one go', () => {
    tab.add(send('a'));
    tab.add(send('b'));
    for (let tries = 0; tries < 4; tries += 1) tab.fire();
    expect(tab.states()).toEqual({ a: 'failed', b: 'sending' });
  });
});

describe('tabs', () => {
  test('what is written in one is sent by the other, once, and both know how it stands', () => {
    const [tab, other] = pair();
    other.add(send('a'));
    expect([tab.taken, other.taken]).toEqual([['a'], []]);
    expect([tab.states(), other.states()]).toEqual([{ a: 'sending' }, { a: 'sending' }]);
    tab.ack('a');
    expect(other.states()).toEqual({ a: 'sent' });
    other.queue.seen(1, 5);
    expect(other.states()).toEqual({});
  });

  test('a refused one is tried again from any tab', () => {
    const [tab, other] = pair();
    tab.add(send('a'));
    tab.refuse('a', 403);
    expect(other.states()).toEqual({ a: 'failed' });
    other.queue.retry('a');
    expect(tab.taken).toEqual(['a', 'a']);
  });
});
