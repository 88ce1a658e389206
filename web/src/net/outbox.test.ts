import { beforeEach, describe, expect, test } from 'vitest';
import type { ClientFrame } from '../gen/wire';
import type { Pending } from '../state';
import { Outbox } from './outbox';
import type { Shared } from './queue';

const AT = '2026-11-21T12:00:00.000Z';

class Bench {
  up = true;
  leading = true;
  shared: (word: Shared<Pending>) => void = () => undefined;
  sent: ClientFrame[] = [];
  stored = new Map<string, Pending>();
  timers: { ms: number; run: () => void; stopped: boolean }[] = [];
  outbox = new Outbox({
    send: (frame) => {
      if (this.up) this.sent.push(frame);
      return this.up;
    },
    leads: () => this.leading,
    share: (word) => this.shared(word),
    cursor: () => 0,
    storage: {
      put: (entry) => {
        this.stored.set(entry.client_id, entry);
        return Promise.resolve();
      },
      remove: (clientId) => {
        this.stored.delete(clientId);
        return Promise.resolve();
      },
    },
    after: (ms, run) => {
      const timer = { ms, run, stopped: false };
      this.timers.push(timer);
      return () => {
        timer.stopped = true;
      };
    },
    onChange: () => undefined,
  });
  ids() {
    return this.sent.map((frame) => (frame.type === 'text' ? frame.client_id : ''));
  }
  fire() {
    for (const timer of this.timers.splice(0)) if (!timer.stopped) timer.run();
  }
  add(id: string, room = 1) {
    this.outbox.add({ client_id: id, room_id: room, user_id: 1, content: id, created_at: AT, state: 'queued' });
  }
  ack(id: string, seq = 5, room = 1) {
    this.outbox.acked({ type: 'ack', client_id: id, room_id: room, message_id: 1, seq, timestamp: AT });
  }
  refuse(id: string, code: number, retry_after_ms?: number) {
    this.outbox.refused({
      type: 'error',
      code,
      error: 'No.',
      message: 'No.',
      reason: 'x',
      client_id: id,
      ...(retry_after_ms === undefined ? {} : { retry_after_ms }),
    });
  }
  states() {
    return Object.fromEntries(this.outbox.entries.map((entry) => [entry.client_id, entry.state]));
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe('order', () => {
  test('a room sends one at a time, rooms do not wait for each other', () => {
    bench.add('a');
    bench.add('b');
    bench.add('x', 2);
    expect(bench.ids()).toEqual(['a', 'x']);
    bench.ack('a');
    expect(bench.ids()).toEqual(['a', 'x', 'b']);
  });

  test('a send that was told to wait is not overtaken', () => {
    bench.add('a');
    bench.add('b');
    bench.refuse('a', 429, 700);
    expect(bench.ids()).toEqual(['a']);
    expect(bench.timers.at(-1)?.ms).toBe(700);
    bench.fire();
    expect(bench.ids()).toEqual(['a', 'a']);
  });
});

describe('nothing is lost', () => {
  test('what is written without a connection goes out with the next one', () => {
    bench.up = false;
    bench.add('a');
    expect(bench.states()).toEqual({ a: 'queued' });
    expect(bench.stored.has('a')).toBe(true);
    bench.up = true;
    bench.outbox.flush();
    expect(bench.ids()).toEqual(['a']);
  });

  test('a connection lost before the answer sends the same client id again', () => {
    bench.add('a');
    bench.outbox.pause();
    expect(bench.states()).toEqual({ a: 'queued' });
    bench.outbox.flush();
    expect(bench.ids()).toEqual(['a', 'a']);
  });

  test('an answer that never comes is asked for again', () => {
    bench.add('a');
    bench.fire();
    expect(bench.ids()).toEqual(['a', 'a']);
  });

  test('a reload finds what was unsent, once', () => {
    const left: Pending = { client_id: 'a', room_id: 1, user_id: 1, content: 'a', created_at: AT, state: 'sending' };
    bench.outbox.restore([left]);
    bench.outbox.restore([left]);
    expect(bench.ids()).toEqual(['a']);
    expect(bench.outbox.entries).toHaveLength(1);
  });
});

describe('nothing is doubled', () => {
  test('a confirmed send leaves the storage at once and the page with its row', () => {
    bench.add('a');
    bench.ack('a');
    expect(bench.stored.size).toBe(0);
    expect(bench.states()).toEqual({ a: 'sent' });
    bench.outbox.flush();
    expect(bench.ids()).toEqual(['a']);
    bench.outbox.arrived('a');
    expect(bench.states()).toEqual({});
  });

  test('the row settles a send whose ack was lost', () => {
    bench.add('a');
    bench.add('b');
    bench.outbox.arrived('a');
    expect(bench.stored.has('a')).toBe(false);
    expect(bench.ids()).toEqual(['a', 'b']);
  });

  test('a confirmed send whose row is already known needs no stand-in', () => {
    bench.add('a');
    bench.ack('a', 5);
    bench.outbox.seen(1, 4);
    expect(bench.states()).toEqual({ a: 'sent' });
    bench.outbox.seen(1, 5);
    expect(bench.states()).toEqual({});
  });
});

describe('failures', () => {
  test('a refusal is told with its reason and lets the next one go', () => {
    bench.add('a');
    bench.add('b');
    bench.refuse('a', 422);
    expect(bench.states()).toEqual({ a: 'failed', b: 'sending' });
    expect(bench.outbox.entries[0]?.error?.message).toBe('No.');
    expect(bench.stored.get('a')?.state).toBe('failed');
  });

  test('it can be tried again or dropped', () => {
    bench.add('a');
    bench.refuse('a', 422);
    bench.outbox.retry('a');
    expect(bench.ids()).toEqual(['a', 'a']);
    bench.refuse('a', 422);
    expect(bench.outbox.discard('a')).toBe(true);
    expect(bench.stored.size).toBe(0);
  });

  test('what is on its way cannot be dropped', () => {
    bench.add('a');
    expect(bench.outbox.discard('a')).toBe(false);
  });

  test('an error about something else is left alone', () => {
    bench.add('a');
    expect(bench.outbox.refused({ type: 'error', code: 404, reason: 'room_not_found', message: '', error: '' })).toBe(
      false,
    );
    expect(bench.states()).toEqual({ a: 'sending' });
    // Which of two it would be about nobody knows.
    bench.add('b', 2);
    expect(bench.outbox.refused({ type: 'error', code: 400, reason: 'malformed', message: '', error: '' })).toBe(false);
    expect(bench.states()).toEqual({ a: 'sending', b: 'sending' });
  });
});

describe('one bad item never blocks a queue', () => {
  test('half an emoji goes as a sign for what cannot be read', () => {
    bench.outbox.add({ client_id: 'a', room_id: 1, user_id: 1, content: 'a\ud83d b', created_at: AT, state: 'queued' });
    expect(bench.sent[0]).toMatchObject({ content: 'a\ufffd b' });
  });

  test('a refusal that does not say what of fails the one that was on its way', () => {
    bench.add('a');
    bench.add('b');
    bench.outbox.refused({ type: 'error', code: 400, reason: 'malformed', message: 'No.', error: 'No.' });
    expect(bench.states()).toEqual({ a: 'failed', b: 'sending' });
  });

  test('what nobody ever answers lets the next one go', () => {
    bench.add('a');
    bench.add('b');
    for (let tries = 0; tries < 4; tries += 1) bench.fire();
    expect(bench.states()).toEqual({ a: 'failed', b: 'sending' });
  });
});

describe('tabs', () => {
  /** Two tabs of one browser, of which the first leads. */
  function pair() {
    const other = new Bench();
    other.leading = false;
    bench.shared = (word) => other.outbox.heard(word);
    other.shared = (word) => bench.outbox.heard(word);
    return other;
  }

  test('what is written in one is sent by the other, once, and both know how it stands', () => {
    const other = pair();
    other.add('a');
    expect([bench.ids(), other.ids()]).toEqual([['a'], []]);
    expect([bench.states(), other.states()]).toEqual([{ a: 'sending' }, { a: 'sending' }]);
    bench.ack('a');
    expect(other.states()).toEqual({ a: 'sent' });
    other.outbox.seen(1, 5);
    expect(other.states()).toEqual({});
  });

  test('what is thrown away in one is not sent by the other', () => {
    const other = pair();
    bench.up = false;
    other.add('a');
    expect(other.outbox.discard('a')).toBe(true);
    bench.up = true;
    bench.outbox.flush();
    expect(bench.ids()).toEqual([]);
  });

  test('what is thrown away while it is on its way comes back', () => {
    const other = pair();
    const { shared } = bench;
    bench.shared = () => undefined;
    other.add('a');
    bench.shared = shared;
    expect(other.outbox.discard('a')).toBe(true);
    expect([bench.states(), other.states()]).toEqual([{ a: 'sending' }, { a: 'sending' }]);
  });

  test('a refused one is tried again from any tab', () => {
    const other = pair();
    bench.add('a');
    bench.refuse('a', 403);
    expect(other.states()).toEqual({ a: 'failed' });
    other.outbox.retry('a');
    expect(bench.ids()).toEqual(['a', 'a']);
  });

  test('where the leading tab closes, the next one sends what was on its way', () => {
    const other = pair();
    bench.add('a');
    bench.leading = false;
    other.leading = true;
    other.outbox.lead();
    expect(other.ids()).toEqual(['a']);
  });
});
