/**
 * Sends what was written, in order per room, until the server has confirmed it: across lost connections, reloads and
 * restarts, never twice (the server knows each `client_id` for ever). It does not draw anything and keeps no history.
 */
import type { ClientFrame, FrameOf } from '../gen/wire';
import type { Pending } from '../state';

export interface OutboxStorage {
  put(entry: Pending): Promise<void>;
  remove(clientId: string): Promise<void>;
}

export interface OutboxDeps {
  /** False when there is no connection. */
  send(frame: ClientFrame): boolean;
  storage: OutboxStorage;
  after(ms: number, run: () => void): () => void;
  onChange(entries: readonly Pending[]): void;
}

/** After this long without an answer the same send goes out again; the client id makes that harmless. */
const ANSWER_TIMEOUT_MS = 10_000;
const DEFAULT_RETRY_MS = 2000;
/** Refusals that pass by themselves. */
export const PASSING: ReadonlySet<number> = new Set([429, 503]);

export class Outbox {
  readonly #deps: OutboxDeps;
  #entries: readonly Pending[] = [];
  /** Per room: what stops the wait for an answer, or the pause before the next try. */
  readonly #timers = new Map<number, () => void>();

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  get entries(): readonly Pending[] {
    return this.#entries;
  }

  /** What a former page left unsent. */
  restore(entries: readonly Pending[]): void {
    const known = new Set(this.#entries.map((entry) => entry.client_id));
    const left = entries
      .filter((entry) => !known.has(entry.client_id) && entry.state !== 'sent')
      .map((entry) => (entry.state === 'sending' ? { ...entry, state: 'queued' as const } : entry));
    this.#set([...left, ...this.#entries].sort((a, b) => a.created_at.localeCompare(b.created_at)));
    this.flush();
  }

  add(entry: Pending): void {
    this.#set([...this.#entries, entry]);
    void this.#deps.storage.put(entry);
    this.#next(entry.room_id);
  }

  retry(clientId: string): void {
    const entry = this.#find(clientId);
    if (entry?.state !== 'failed') return;
    this.#change(clientId, { state: 'queued', error: undefined });
    this.#next(entry.room_id);
  }

  /** Forgets an entry; true unless it is on its way already, when only the server can tell. */
  discard(clientId: string): boolean {
    const entry = this.#find(clientId);
    if (!entry || entry.state === 'sending' || entry.state === 'sent') return false;
    this.#set(this.#entries.filter((held) => held.client_id !== clientId));
    void this.#deps.storage.remove(clientId);
    this.#next(entry.room_id);
    return true;
  }

  /** A connection is up: start every room's queue. */
  flush(): void {
    for (const roomId of new Set(this.#entries.map((entry) => entry.room_id))) this.#next(roomId);
  }

  /** The connection is gone: what was on its way is of unknown fate and goes out again. */
  pause(): void {
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
    this.#set(
      this.#entries.map((entry) => (entry.state === 'sending' ? { ...entry, state: 'queued' as const } : entry)),
    );
  }

  /** The server has stored it. The entry stays, as `sent`, until its row is seen. */
  acked(frame: FrameOf<'ack'>): void {
    const entry = this.#find(frame.client_id);
    if (!entry) return;
    this.#change(entry.client_id, { state: 'sent', seq: frame.seq });
    void this.#deps.storage.remove(entry.client_id);
    this.#settled(entry.room_id);
  }

  /** True when the refusal was about one of these sends. */
  refused(frame: FrameOf<'error'>): boolean {
    const entry = this.#find(frame.client_id);
    if (!entry) return false;
    if (PASSING.has(frame.code)) {
      this.#change(entry.client_id, { state: 'queued' });
      this.#timers.get(entry.room_id)?.();
      const wait = frame.retry_after_ms ?? DEFAULT_RETRY_MS;
      this.#timers.set(
        entry.room_id,
        this.#deps.after(wait, () => this.#settled(entry.room_id)),
      );
      return true;
    }
    this.#change(entry.client_id, { state: 'failed', error: { code: frame.reason, message: frame.message } });
    this.#persist(entry.client_id);
    this.#settled(entry.room_id);
    return true;
  }

  /** The row itself has come; this also settles a send whose ack was lost. */
  arrived(clientId: string): void {
    const entry = this.#find(clientId);
    if (!entry) return;
    this.#set(this.#entries.filter((held) => held.client_id !== clientId));
    void this.#deps.storage.remove(clientId);
    if (entry.state === 'sending') this.#settled(entry.room_id);
  }

  /** Rows up to here were received in this room: confirmed sends among them need no stand-in any more. */
  seen(roomId: number, cursor: number): void {
    const left = this.#entries.filter(
      (entry) => !(entry.room_id === roomId && entry.state === 'sent' && (entry.seq ?? 0) <= cursor),
    );
    if (left.length !== this.#entries.length) this.#set(left);
  }

  /** Forgets everything in memory; the storage is wiped by its owner. */
  clear(): void {
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
    this.#set([]);
  }

  #settled(roomId: number): void {
    this.#timers.get(roomId)?.();
    this.#timers.delete(roomId);
    this.#next(roomId);
  }

  /** One send per room is on its way at a time: a refused one cannot be overtaken by the next. */
  #next(roomId: number): void {
    if (this.#timers.has(roomId)) return;
    const entry = this.#entries.find((held) => held.room_id === roomId && held.state === 'queued');
    if (!entry) return;
    const sent = this.#deps.send({
      type: 'text',
      room_id: entry.room_id,
      content: entry.content,
      client_id: entry.client_id,
      reply_to: entry.reply_to?.message_id ?? null,
    });
    if (!sent) return;
    this.#timers.set(
      roomId,
      this.#deps.after(ANSWER_TIMEOUT_MS, () => {
        this.#timers.delete(roomId);
        this.#change(entry.client_id, { state: 'queued' });
        this.#next(roomId);
      }),
    );
    this.#change(entry.client_id, { state: 'sending' });
  }

  #find(clientId: string | null | undefined): Pending | undefined {
    return clientId ? this.#entries.find((entry) => entry.client_id === clientId) : undefined;
  }

  #change(clientId: string, change: Partial<Pending>): void {
    this.#set(this.#entries.map((entry) => (entry.client_id === clientId ? { ...entry, ...change } : entry)));
  }

  #persist(clientId: string): void {
    const entry = this.#find(clientId);
    if (entry) void this.#deps.storage.put(entry);
  }

  #set(entries: readonly Pending[]): void {
    this.#entries = entries;
    this.#deps.onChange(entries);
  }
}
