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
  /** One that yields waits for a place instead of pushing the person's oldest socket out. */
  open(yields: boolean): Wire;
  now(): number;
  /** 0 up to, not including, 1. */
  random(): number;
  after(ms: number, run: () => void): () => void;
  /** Asked when the server would not even open: is the session over, or is it only away? */
  probe(): Promise<'ended' | 'retry'>;
  /** Whether the server answers at all; it answers the question within a few seconds. */
  alive(): Promise<boolean>;
  onLink(link: Link): void;
  onFrame(frame: ServerFrame): void;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** A line that opens and says nothing is as dead as one that does not open. */
const OPEN_TIMEOUT_MS = 12_000;
/** While the next try is further off than this, the server is asked now and then whether it is back. */
const ASK_EVERY_MS = 6000;
/** How often a page that had to give way asks for a place. */
const PLACE_EVERY_MS = 5000;
/** Too many sockets of this person: it comes back when one of them is gone. */
const CROWDED = 4010;
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
  #connectedAt = 0;
  #heardAt = 0;
  #heartbeatMs = 25_000;
  #pongTimeoutMs = 10_000;
  /** The ping nobody has answered yet. */
  #asked: { readonly at: number; readonly again: boolean } | undefined;
  /** The server was asked while it was down, and did not answer. */
  #gone = false;
  /** It had to give way to a newer page of the same person. */
  #crowded = false;
  #cancelRetry: (() => void) | undefined;
  #cancelAsk: (() => void) | undefined;
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
    this.#connect();
  }

  /** Ends for good, without a word to the listeners of frames. */
  stop(reason: EndReason = 'stopped'): void {
    this.#drop();
    this.#move(reason === 'stopped' ? { phase: 'idle' } : { phase: 'ended', reason });
  }

  /** The person asked: no more waiting. */
  retryNow(): void {
    if (this.#link.phase !== 'reconnecting') return;
    // Whoever asks for this page wants it here: the oldest of the others gives way.
    this.#crowded = false;
    this.#connect();
  }

  /**
   * What the browser believes about the network is a hint: a server on this machine is there without any, and a network that
   * is there may lead nowhere. A good word is tried at once, a bad one is a reason to ask the line whether it lives.
   */
  hintOnline(online: boolean): void {
    if (this.#link.phase === 'connected') {
      if (!this.#asked) this.#ask();
    } else if (online && this.#link.phase === 'reconnecting') {
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
    this.#cancelAsk?.();
    this.#cancelWatch?.();
    this.#cancelRetry = undefined;
    this.#cancelAsk = undefined;
    this.#cancelWatch = undefined;
    this.#asked = undefined;
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
    this.#move({ phase: 'connecting', attempt: this.#attempt, crowded: this.#crowded });
    const wire = this.#deps.open(this.#crowded);
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
    this.#asked = undefined;
    const frame = parse(data);
    if (!frame) return;
    if (frame.type === 'welcome') {
      this.#heartbeatMs = frame.heartbeat_ms || this.#heartbeatMs;
      this.#pongTimeoutMs = frame.pong_timeout_ms || this.#pongTimeoutMs;
      this.#connectedAt = this.#heardAt;
      this.#gone = false;
      this.#crowded = false;
      this.#move({ phase: 'connected' });
      this.#watch();
    }
    this.#deps.onFrame(frame);
  }

  /**
   * Pings after a silence of one heartbeat, and gives up when the pong does not come. The clock alone is no witness: in a hidden
   * page timers run once a minute, and in a laptop that sleeps not at all.
   */
  #watch(): void {
    this.#cancelWatch?.();
    const now = this.#deps.now();
    if (!this.#asked) {
      const silence = now - this.#heardAt;
      if (silence >= this.#heartbeatMs) this.#ask();
      else this.#cancelWatch = this.#deps.after(this.#heartbeatMs - silence, () => this.#watch());
      return;
    }
    const waited = now - this.#asked.at;
    if (waited < this.#pongTimeoutMs) {
      this.#cancelWatch = this.#deps.after(this.#pongTimeoutMs - waited, () => this.#watch());
    } else if (!this.#asked.again && waited >= 2 * this.#pongTimeoutMs) {
      // So late a look means that the page stood still, and the answer may wait behind it. That holds only once.
      this.#ask(true);
    } else this.#lost();
  }

  #ask(again = false): void {
    this.#cancelWatch?.();
    this.#asked = { at: this.#deps.now(), again };
    this.#wire?.send('{"type":"ping"}');
    this.#cancelWatch = this.#deps.after(this.#pongTimeoutMs, () => this.#watch());
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
    if (code === CROWDED) this.#crowded = true;
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
    if (this.#connectedAt > 0 && this.#deps.now() - this.#connectedAt >= STEADY_MS) this.#attempt = 0;
    this.#connectedAt = 0;
    const crowded = this.#crowded;
    const wait = crowded ? PLACE_EVERY_MS : backoff(this.#attempt + 1, this.#deps.random());
    this.#move({ phase: 'reconnecting', attempt: this.#attempt + 1, retryAt: this.#deps.now() + wait, crowded });
    this.#cancelRetry = this.#deps.after(wait, () => this.#connect());
    this.#askWhetherBack();
  }

  /**
   * A server that did not answer and now does is back: no more waiting. One that answers all the time has its reasons to refuse
   * this socket, and the wait holds.
   */
  #askWhetherBack(): void {
    const waiting = this.#link;
    const pause = Math.round(ASK_EVERY_MS / 2 + (ASK_EVERY_MS / 2) * this.#deps.random());
    this.#cancelAsk = this.#deps.after(pause, async () => {
      const back = await this.#deps.alive();
      if (this.#link !== waiting) return;
      if (back && this.#gone) {
        this.#gone = false;
        this.#connect();
        return;
      }
      if (!back) this.#gone = true;
      this.#askWhetherBack();
    });
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
