import { beforeEach, describe, expect, test } from 'vitest';
import type { ServerFrame } from '../gen/wire';
import type { Link } from '../state';
import { backoff, Socket, type Wire } from './socket';

/** A clock that moves only when told, and wires that do only what they are told. */
class Bench {
  now = 0;
  timers: { at: number; run: () => void; stopped: boolean }[] = [];
  wires: (Wire & { yields: boolean; sent: string[]; closed?: number | undefined })[] = [];
  links: Link[] = [];
  frames: ServerFrame[] = [];
  verdict: 'ended' | 'retry' = 'retry';
  /** Whether the server answers `/health`. */
  alive = false;
  /** Timers run only at multiples of this, as in a hidden page. */
  throttled = 1;
  /** The server answers pings. */
  answers = false;
  socket = new Socket({
    open: (yields) => {
      const wire = {
        yields,
        sent: [] as string[],
        closed: undefined as number | undefined,
        onopen: null,
        onmessage: null,
        onclose: null,
        send(data: string) {
          this.sent.push(data);
          if (bench.answers)
            bench.timers.push({ at: bench.now + 50, run: () => bench.say({ type: 'pong' }), stopped: false });
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
      const at = Math.ceil((this.now + ms) / this.throttled) * this.throttled;
      const timer = { at, run, stopped: false };
      this.timers.push(timer);
      return () => {
        timer.stopped = true;
      };
    },
    probe: () => Promise.resolve(this.verdict),
    alive: () => Promise.resolve(this.alive),
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

  test.each([1011, 1012, 1013, 4008, 1009, 1006])('close code %i comes back', (code) => {
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

  test('whoever has too many pages gives way, waits for a place, and goes on', () => {
    bench.connect();
    bench.wire.onclose?.({ code: 4010 });
    expect(bench.link).toMatchObject({ phase: 'reconnecting', crowded: true });
    for (let round = 0; round < 3; round += 1) {
      bench.pass(5000);
      expect(bench.wire.yields).toBe(true);
      bench.wire.onopen?.();
      bench.wire.onclose?.({ code: 4010 });
    }
    bench.pass(5000);
    bench.wire.onopen?.();
    bench.say({ type: 'welcome', epoch: 1, heartbeat_ms: 25_000, pong_timeout_ms: 10_000 });
    expect(bench.link.phase).toBe('connected');
    bench.wire.onclose?.({ code: 1012 });
    bench.pass(30_000);
    expect(bench.wire.yields).toBe(false);
  });

  test('who asks for this page pushes another one out', () => {
    bench.connect();
    bench.wire.onclose?.({ code: 4010 });
    bench.socket.retryNow();
    expect(bench.wire.yields).toBe(false);
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

  test('after a sleep the line is asked at once, and judged by its answer', () => {
    bench.connect();
    bench.now += 60_000;
    bench.socket.wake();
    expect(bench.wire.sent).toEqual(['{"type":"ping"}']);
    expect(bench.link.phase).toBe('connected');
    bench.pass(10_000);
    expect(bench.link.phase).toBe('reconnecting');
  });

  test('a hidden page, whose timers run once a minute, keeps its healthy line', () => {
    bench.connect();
    bench.throttled = 60_000;
    bench.answers = true;
    bench.pass(30 * 60_000);
    expect(bench.link.phase).toBe('connected');
    expect(bench.wires).toHaveLength(1);
  });

  test('a hidden page still finds out that its line is dead', () => {
    bench.connect();
    bench.throttled = 60_000;
    bench.pass(5 * 60_000);
    expect(bench.links.some((link) => link.phase === 'reconnecting')).toBe(true);
  });

  test('a page that stood still right after its ping asks once more before it gives up', () => {
    bench.connect();
    bench.pass(25_000);
    bench.now += 3_600_000;
    bench.socket.wake();
    expect(bench.wire.sent).toHaveLength(2);
    bench.say({ type: 'pong' });
    bench.pass(20_000);
    expect(bench.link.phase).toBe('connected');
  });
});

describe('the network', () => {
  test('a server on this machine is reached without any network', () => {
    bench.socket.hintOnline(false);
    bench.connect();
    expect(bench.link.phase).toBe('connected');
    bench.answers = true;
    bench.socket.hintOnline(false);
    bench.pass(60_000);
    expect(bench.link.phase).toBe('connected');
    expect(bench.wires).toHaveLength(1);
  });

  test('a network that is gone is a reason to ask, and the line that does not answer is dead', () => {
    bench.connect();
    bench.socket.hintOnline(false);
    expect(bench.wire.sent).toEqual(['{"type":"ping"}']);
    bench.pass(10_000);
    expect(bench.link.phase).toBe('reconnecting');
  });

  test('a network that is back is tried at once', () => {
    bench.connect();
    bench.wire.onclose?.({ code: 1006 });
    bench.socket.hintOnline(true);
    expect(bench.link).toMatchObject({ phase: 'connecting', attempt: 1 });
  });

  test('stopping is for good', () => {
    bench.connect();
    bench.socket.stop();
    bench.socket.hintOnline(false);
    bench.socket.hintOnline(true);
    bench.pass(120_000);
    expect(bench.link.phase).toBe('idle');
    expect(bench.wires).toHaveLength(1);
  });
});

describe('a server that comes back', () => {
  /** Fails until the next wait is a long one, with the server's answers to `/health` in between. */
  async function longWait() {
    bench.socket.start();
    for (;;) {
      bench.wire.onclose?.({ code: 1006 });
      const { link } = bench;
      if (link.phase !== 'reconnecting') throw new Error(link.phase);
      if (link.retryAt - bench.now > 20_000) return;
      bench.pass(link.retryAt - bench.now);
      await Promise.resolve();
    }
  }
  const look = async () => {
    bench.pass(5_000);
    await Promise.resolve();
    await Promise.resolve();
  };

  test('it is met at once, not when the wait is over', async () => {
    await longWait();
    await look();
    expect(bench.link.phase).toBe('reconnecting');
    bench.alive = true;
    await look();
    expect(bench.link.phase).toBe('connecting');
  });

  test('one that was there all the time and refused is not besieged', async () => {
    bench.alive = true;
    await longWait();
    await look();
    await look();
    expect(bench.link.phase).toBe('reconnecting');
  });
});
