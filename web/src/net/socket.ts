/**
 * One connection to `/ws` that mends itself: an explicit state machine with jittered backoff and liveness.
 * It knows frames as JSON and the close codes; it knows no rooms. Time, chance and the socket itself are handed in.
 */
import type { ClientFrame, ServerFrame } from '../gen/wire';
import type { EndReason, Link } from '../state';

/** What is used of a WebSocket. */
export interface Wire {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export interface SocketDeps {
  open(): Wire;
  now(): number;
  /** 0 up to, not including, 1. */
  random(): number;
  after(ms: number, run: () => void): () => void;
  /** Asked when the server would not even open: is the session over, or is it only away? */
  probe(): Promise<'ended' | 'retry'>;
  onLink(link: Link): void;
  onFrame(frame: ServerFrame): void;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** A line that opens and says nothing is as dead as one that does not open. */
const OPEN_TIMEOUT_MS = 12_000;
/** A connection this old was a good one: the next failure starts from the first wait again. */
const STEADY_MS = 10_000;

/** Close codes after which coming back by itself would be wrong (docs/protocol.md, rule 7). */
const FINAL: Readonly<Record<number, EndReason>> = {
  1008: 'abuse',
  4001: 'session_ended',
  4003: 'banned',
  4009: 'replaced',
};

/** Half fixed, half chance: a restart must not bring everybody back at the same moment. */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 10));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

export class Socket {
  readonly #deps: SocketDeps;
  #link: Link = { phase: 'idle' };
  #wire: Wire | undefined;
  #attempt = 0;
  #online = true;
  #connectedAt = 0;
  #heardAt = 0;
  #heartbeatMs = 25_000;
  #pongTimeoutMs = 10_000;
  #cancelRetry: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;

  constructor(deps: SocketDeps) {
    this.#deps = deps;
  }

  get link(): Link {
    return this.#link;
  }

  start(): void {
    if (this.#link.phase !== 'idle' && this.#link.phase !== 'ended') return;
    this.#attempt = 0;
    if (this.#online) this.#connect();
    else this.#move({ phase: 'offline' });
  }

  /** Ends for good, without a word to the listeners of frames. */
  stop(reason: EndReason = 'stopped'): void {
    this.#drop();
    this.#move(reason === 'stopped' ? { phase: 'idle' } : { phase: 'ended', reason });
  }

  /** The person asked, or the page woke up: no more waiting. */
  retryNow(): void {
    if (this.#link.phase === 'reconnecting' || (this.#link.phase === 'offline' && this.#online)) this.#connect();
  }

  /** What the browser believes about the network. It may be wrong about `true`, never about `false`. */
  setOnline(online: boolean): void {
    this.#online = online;
    if (!online && this.#link.phase !== 'idle' && this.#link.phase !== 'ended') {
      this.#drop();
      this.#move({ phase: 'offline' });
    } else if (online && this.#link.phase === 'offline') {
      this.#attempt = 0;
      this.#connect();
    }
  }

  /** After a sleep timers are late: ask at once whether the line still lives. */
  wake(): void {
    if (this.#link.phase === 'reconnecting') this.#connect();
    else if (this.#link.phase === 'connected') this.#watch();
  }

  /** False when there is no connection; nothing is kept for later here (that is the outbox's work). */
  send(frame: ClientFrame): boolean {
    if (this.#link.phase !== 'connected' || !this.#wire) return false;
    this.#wire.send(JSON.stringify(frame));
    return true;
  }

  #move(link: Link): void {
    this.#link = link;
    this.#deps.onLink(link);
  }

  /** Lets go of the wire so that nothing it says later is heard. */
  #drop(code?: number): void {
    this.#cancelRetry?.();
    this.#cancelWatch?.();
    this.#cancelRetry = undefined;
    this.#cancelWatch = undefined;
    const wire = this.#wire;
    this.#wire = undefined;
    if (!wire) return;
    wire.onopen = null;
    wire.onmessage = null;
    wire.onclose = null;
    wire.close(code ?? 1000);
  }

  #connect(): void {
    this.#drop();
    this.#attempt += 1;
    this.#move({ phase: 'connecting', attempt: this.#attempt });
    const wire = this.#deps.open();
    this.#wire = wire;
    let opened = false;
    wire.onopen = () => {
      opened = true;
    };
    wire.onmessage = (event) => this.#hear(event.data);
    wire.onclose = (event) => void this.#closed(event.code, opened);
    this.#cancelWatch = this.#deps.after(OPEN_TIMEOUT_MS, () => this.#lost());
  }

  #hear(data: unknown): void {
    this.#heardAt = this.#deps.now();
    const frame = parse(data);
    if (!frame) return;
    if (frame.type === 'welcome') {
      this.#heartbeatMs = frame.heartbeat_ms || this.#heartbeatMs;
      this.#pongTimeoutMs = frame.pong_timeout_ms || this.#pongTimeoutMs;
      this.#connectedAt = this.#heardAt;
      this.#move({ phase: 'connected' });
      this.#watch();
    }
    this.#deps.onFrame(frame);
  }

  /** Pings after a silence of one heartbeat, gives up after the pong's time on top. */
  #watch(): void {
    this.#cancelWatch?.();
    const silence = this.#deps.now() - this.#heardAt;
    if (silence >= this.#heartbeatMs + this.#pongTimeoutMs) {
      this.#lost();
      return;
    }
    if (silence >= this.#heartbeatMs) {
      this.#wire?.send('{"type":"ping"}');
      this.#cancelWatch = this.#deps.after(this.#heartbeatMs + this.#pongTimeoutMs - silence, () => this.#watch());
      return;
    }
    this.#cancelWatch = this.#deps.after(this.#heartbeatMs - silence, () => this.#watch());
  }

  /** The line is dead without having said so. */
  #lost(): void {
    this.#drop(4000);
    this.#retry();
  }

  async #closed(code: number, opened: boolean): Promise<void> {
    const wire = this.#wire;
    this.#drop();
    const reason = FINAL[code];
    if (reason) {
      this.#move({ phase: 'ended', reason });
      return;
    }
    if (!opened && wire) {
      // A refused upgrade has no close code of its own: a dead session and a dead server look the same.
      this.#retry();
      const verdict = await this.#deps.probe();
      if (verdict === 'ended' && this.#link.phase === 'reconnecting') {
        this.#drop();
        this.#move({ phase: 'ended', reason: 'session_ended' });
      }
      return;
    }
    this.#retry();
  }

  #retry(): void {
    if (!this.#online) {
      this.#move({ phase: 'offline' });
      return;
    }
    if (this.#connectedAt > 0 && this.#deps.now() - this.#connectedAt >= STEADY_MS) this.#attempt = 0;
    this.#connectedAt = 0;
    const wait = backoff(this.#attempt + 1, this.#deps.random());
    this.#move({ phase: 'reconnecting', attempt: this.#attempt + 1, retryAt: this.#deps.now() + wait });
    this.#cancelRetry = this.#deps.after(wait, () => this.#connect());
  }
}

function parse(data: unknown): ServerFrame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    if (typeof frame === 'object' && frame !== null && 'type' in frame) return frame as ServerFrame;
  } catch {
    // Not a frame. The server sends only frames; what a broken middlebox sends is not worth a word.
  }
  return undefined;
}
