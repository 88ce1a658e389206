import { beforeEach, describe, expect, test } from 'vitest';
import type { Change } from '../state';
import { ApiError } from './api';
import { Changes } from './changes';

/** Lets every promise that is ready run. */
const settle = () => new Promise<void>((done) => setTimeout(done, 0));

class Bench {
  up = true;
  told: string[] = [];
  stored = new Map<string, Change>();
  timers: { ms: number; run: () => void; stopped: boolean }[] = [];
  /** What the server answers next; nothing: well done. */
  answers: (ApiError | undefined)[] = [];
  /** While set, the server says nothing. */
  hold: Promise<void> | undefined;
  changes = new Changes({
    up: () => this.up,
    leads: () => this.up,
    share: () => undefined,
    tell: async (change) => {
      this.told.push(change.id);
      await this.hold;
      const answer = this.answers.shift();
      if (answer) throw answer;
    },
    storage: {
      put: (change) => {
        this.stored.set(change.id, change);
        return Promise.resolve();
      },
      remove: (id) => {
        this.stored.delete(id);
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
  fire() {
    for (const timer of this.timers.splice(0)) if (!timer.stopped) timer.run();
  }
  add(id: string, message = 1, kind: Change['kind'] = 'edit') {
    const created_at = `2026-11-21T12:00:${String(this.stored.size).padStart(2, '0')}.000Z`;
    this.changes.add({ id, message_id: message, kind, content: id, created_at, state: 'queued' });
  }
  states() {
    return Object.fromEntries(this.changes.entries.map((entry) => [entry.id, entry.state]));
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe('once and in order', () => {
  test('one after the other, and then nothing is left', async () => {
    bench.add('a', 1);
    bench.add('b', 2);
    expect(bench.told).toEqual(['a']);
    await settle();
    expect(bench.told).toEqual(['a', 'b']);
    expect(bench.states()).toEqual({});
    expect(bench.stored.size).toBe(0);
  });

  test('without a connection they wait for it', async () => {
    bench.up = false;
    bench.add('a');
    await settle();
    expect(bench.told).toEqual([]);
    bench.up = true;
    bench.changes.flush();
    await settle();
    expect(bench.told).toEqual(['a']);
  });

  test('the last word about a message is the only one that is told', async () => {
    bench.up = false;
    bench.add('first');
    bench.add('other', 2);
    bench.add('second');
    expect([...bench.stored.keys()]).toEqual(['other', 'second']);
    bench.up = true;
    bench.changes.flush();
    await settle();
    expect(bench.told).toEqual(['other', 'second']);
  });

  test('what is on its way is not overtaken by the next word', async () => {
    let release = () => undefined as void;
    bench.hold = new Promise((done) => {
      release = done;
    });
    bench.add('first');
    bench.add('second');
    expect(bench.states()).toEqual({ first: 'sending', second: 'queued' });
    release();
    await settle();
    expect(bench.told).toEqual(['first', 'second']);
  });
});

describe('refusals', () => {
  test('an unreachable server is tried again after a while, from the same one on', async () => {
    bench.answers = [new ApiError(0, 'unreachable', '')];
    bench.add('a');
    bench.add('b', 2);
    await settle();
    expect(bench.states()).toEqual({ a: 'queued', b: 'queued' });
    bench.fire();
    await settle();
    expect(bench.told).toEqual(['a', 'a', 'b']);
  });

  test('a server that asks to wait is given the time it asked for', async () => {
    bench.answers = [new ApiError(429, 'rate_limited', '', {}, 7000)];
    bench.add('a');
    await settle();
    expect(bench.timers.map((timer) => timer.ms)).toEqual([7000]);
  });

  test('a refusal is kept with its reason until it is tried again or let be', async () => {
    bench.answers = [new ApiError(403, 'forbidden', 'No.'), new ApiError(403, 'forbidden', 'No.')];
    bench.add('a');
    await settle();
    expect(bench.stored.get('a')).toMatchObject({ state: 'failed', error: { code: 'forbidden', message: 'No.' } });
    bench.changes.retry('a');
    await settle();
    expect(bench.told).toEqual(['a', 'a']);
    bench.changes.discard('a');
    expect(bench.states()).toEqual({});
    expect(bench.stored.size).toBe(0);
  });

  test('one refusal does not hold up the others', async () => {
    bench.answers = [new ApiError(403, 'forbidden', 'No.')];
    bench.add('a', 1);
    bench.add('b', 2);
    await settle();
    expect(bench.states()).toEqual({ a: 'failed' });
  });

  test('taken back already is as good as taken back', async () => {
    bench.answers = [new ApiError(409, 'already_recalled', 'x')];
    bench.add('a', 1, 'recall');
    await settle();
    expect(bench.states()).toEqual({});
  });
});

describe('pages come and go', () => {
  test('what a former page left is told, what was on its way again', async () => {
    bench.up = false;
    bench.add('a');
    bench.add('b', 2);
    const left = [...bench.stored.values()].map((entry) => ({ ...entry, state: 'sending' as const }));
    const next = new Bench();
    next.changes.restore(left);
    await settle();
    expect(next.told).toEqual(['a', 'b']);
  });

  test('an answer to what was forgotten changes nothing', async () => {
    let release = () => undefined as void;
    bench.hold = new Promise((done) => {
      release = done;
    });
    bench.answers = [new ApiError(403, 'forbidden', 'No.')];
    bench.add('a');
    bench.changes.clear();
    release();
    await settle();
    expect(bench.states()).toEqual({});
  });
});
