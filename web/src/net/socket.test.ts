import { beforeEach, describe, expect, test } from 'vitest';
import type { ServerFrame } from '../gen/wire';
import type { Link } from '../state';
import { backoff, Socket, type Wire } from './socket';

/** A clock that moves only when told, and wires that do only what they are told. */
class Bench {
  now = 0;
  timers: { at: number; run: () => void; stopped: boolean }[] = [];
  wires: (Wire & { sent: string[]; closed?: number | undefined })[] = [];
  links: Link[] = [];
  frames: ServerFrame[] = [];
  verdict: 'ended' | 'retry' = 'retry';
  socket = new Socket({
    open: () => {
      const wire = {
        sent: [] as string[],
        closed: undefined as number | undefined,
        onopen: null,
        onmessage: null,
        onclose: null,
        send(data: string) {
          this.sent.push(data);
        },
        close(code?: number) {
          this.closed = code;
        },
      };
      this.wires.push(wire);
      return wire;
    },
    now: () => this.now,
    random: () => 0.5,
    after: (ms, run) => {
      const timer = { at: this.now + ms, run, stopped: false };
      this.timers.push(timer);
      return () => {
        timer.stopped = true;
      };
    },
    probe: () => Promise.resolve(this.verdict),
    onLink: (link) => this.links.push(link),
    onFrame: (frame) => this.frames.push(frame),
  });

  get wire() {
    const wire = this.wires.at(-1);
    if (!wire) throw new Error('no wire');
    return wire;
  }
  get link() {
    return this.socket.link;
  }
  pass(ms: number) {
    const end = this.now + ms;
    for (;;) {
      const next = this.timers.filter((timer) => !timer.stopped && timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      next.stopped = true;
      this.now = next.at;
      next.run();
    }
    this.now = end;
  }
  say(frame: object) {
    this.wire.onmessage?.({ data: JSON.stringify(frame) });
  }
  connect() {
    this.socket.start();
    this.wire.onopen?.();
    this.say({ type: 'welcome', epoch: 1, heartbeat_ms: 25_000, pong_timeout_ms: 10_000 });
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe('connecting', () => {
  test('it is connected only when the server has welcomed it', () => {
    bench.socket.start();
    bench.wire.onopen?.();
    expect(bench.link.phase).toBe('connecting');
    expect(bench.socket.send({ type: 'ping' })).toBe(false);
    bench.say({ type: 'welcome', epoch: 1, heartbeat_ms: 25_000, pong_timeout_ms: 10_000 });
    expect(bench.link.phase).toBe('connected');
    expect(bench.socket.send({ type: 'ping' })).toBe(true);
  });

  test('a line that opens and says nothing is given up', () => {
    bench.socket.start();
    bench.wire.onopen?.();
    bench.pass(12_000);
    expect(bench.link).toMatchObject({ phase: 'reconnecting', attempt: 2 });
  });

  test('what is not a frame is not heard', () => {
    bench.connect();
    bench.wire.onmessage?.({ data: '{' });
    bench.wire.onmessage?.({ data: '[]' });
    bench.wire.onmessage?.({ data: new ArrayBuffer(2) });
    expect(bench.frames.map((frame) => frame.type)).toEqual(['welcome']);
  });
});

describe('coming back', () => {
  test('each try waits longer, and a steady connection starts anew', () => {
    bench.connect();
    bench.wire.onclose?.({ code: 1006 });
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const { link } = bench;
      if (link.phase !== 'reconnecting') throw new Error(link.phase);
      waits.push(link.retryAt - bench.now);
      bench.pass(link.retryAt - bench.now);
      bench.wire.onopen?.();
      bench.wire.onclose?.({ code: 1012 });
    }
    expect(waits).toEqual([backoff(2, 0.5), backoff(3, 0.5), backoff(4, 0.5)]);
    bench.socket.retryNow();
    bench.wire.onopen?.();
    bench.say({ type: 'welcome', epoch: 1, heartbeat_ms: 25_000, pong_timeout_ms: 10_000 });
    bench.pass(11_000);
    bench.wire.onclose?.({ code: 1006 });
    expect(bench.link).toMatchObject({ phase: 'reconnecting', attempt: 1 });
  });

  test('waits are random between the half and the whole, at most half a minute', () => {
    expect(backoff(1, 0)).toBe(500);
    expect(backoff(1, 1)).toBe(1000);
    expect(backoff(99, 1)).toBe(30_000);
  });

  test.each([1012, 1013, 4008, 1009, 1006])('close code %i comes back', (code) => {
    bench.connect();
    bench.wire.onclose?.({ code });
    expect(bench.link.phase).toBe('reconnecting');
  });

  test.each([
    [1008, 'abuse'],
    [4001, 'session_ended'],
    [4003, 'banned'],
    [4009, 'replaced'],
  ])('close code %i does not', (code, reason) => {
    bench.connect();
    bench.wire.onclose?.({ code });
    expect(bench.link).toEqual({ phase: 'ended', reason });
    bench.pass(120_000);
    expect(bench.wires).toHaveLength(1);
  });

  test('a refused upgrade asks whether the session is over', async () => {
    bench.verdict = 'ended';
    bench.socket.start();
    bench.wire.onclose?.({ code: 1006 });
    expect(bench.link.phase).toBe('reconnecting');
    await Promise.resolve();
    await Promise.resolve();
    expect(bench.link).toEqual({ phase: 'ended', reason: 'session_ended' });
  });

  test('an old wire’s last words are not heard', () => {
    bench.connect();
    const old = bench.wire;
    const late = old.onclose;
    bench.wire.onclose?.({ code: 1006 });
    bench.socket.retryNow();
    expect(old.onclose).toBeNull();
    expect(late).not.toBeNull();
    expect(bench.link.phase).toBe('connecting');
  });
});

describe('liveness', () => {
  test('silence is answered by a ping, more silence ends the line', () => {
    bench.connect();
    bench.pass(25_000);
    expect(bench.wire.sent).toEqual(['{"type":"ping"}']);
    bench.pass(9_000);
    expect(bench.link.phase).toBe('connected');
    bench.pass(1_000);
    expect(bench.link.phase).toBe('reconnecting');
  });

  test('any frame is a sign of life', () => {
    bench.connect();
    bench.pass(25_000);
    bench.say({ type: 'pong' });
    bench.pass(20_000);
    expect(bench.link.phase).toBe('connected');
  });

  test('after a sleep the line is judged at once', () => {
    bench.connect();
    bench.now += 60_000;
    bench.socket.wake();
    expect(bench.link.phase).toBe('reconnecting');
  });
});

describe('the network', () => {
  test('offline waits for the network, not for the clock', () => {
    bench.connect();
    bench.socket.setOnline(false);
    expect(bench.link.phase).toBe('offline');
    bench.pass(120_000);
    expect(bench.wires).toHaveLength(1);
    bench.socket.setOnline(true);
    expect(bench.link).toEqual({ phase: 'connecting', attempt: 1 });
  });

  test('stopping is for good', () => {
    bench.connect();
    bench.socket.stop();
    bench.socket.setOnline(false);
    bench.socket.setOnline(true);
    bench.pass(120_000);
    expect(bench.link.phase).toBe('idle');
    expect(bench.wires).toHaveLength(1);
  });
});
