/**
 * Sends what was written, in order per room, until the server has confirmed it: across lost connections, reloads and
 * restarts, never twice (the server knows each `client_id` for ever). All tabs hold the same entries and one of them sends;
 * no entry can hold up the others for ever. It does not draw anything and keeps no history.
 */
import type { ClientFrame, FrameOf } from '../gen/wire';
import { wellFormed } from '../lib/well-formed';
import type { Pending } from '../state';

export interface OutboxStorage {
  put(entry: Pending): Promise<void>;
  remove(clientId: string): Promise<void>;
}

/** What tabs tell each other: how an entry is now, or that it is gone. */
export type Shared<Entry> = { readonly is: Entry } | { readonly gone: string };

export interface OutboxDeps {
  /** False when there is no connection. */
  send(frame: ClientFrame): boolean;
  /** Whether this is the tab that sends. */
  leads(): boolean;
  /** Tells the other tabs. */
  share(word: Shared<Pending>): void;
  /** The last position of a room that was received here. */
  cursor(roomId: number): number;
  storage: OutboxStorage;
  after(ms: number, run: () => void): () => void;
  onChange(entries: readonly Pending[]): void;
}

/** After this long without an answer the same send goes out again; the client id makes that harmless. */
const ANSWER_TIMEOUT_MS = 10_000;
/** So often on lines that live: then it is the entry, not the line. */
const MOST_TRIES = 4;
const DEFAULT_RETRY_MS = 2000;
/** Refusals that pass by themselves. */
export const PASSING: ReadonlySet<number> = new Set([429, 503]);
/** Refusals of what could not even be read, which do not say what they are about. */
const UNREADABLE: ReadonlySet<string> = new Set(['malformed', 'unknown_type', 'too_large', 'invalid']);

export class Outbox {
  readonly #deps: OutboxDeps;
  #entries: readonly Pending[] = [];
  /** Per room: what stops the wait for an answer, or the pause before the next try. */
  readonly #timers = new Map<number, () => void>();
  /** How often an entry went out and nobody answered. */
  readonly #tries = new Map<string, number>();

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
    this.#deps.share({ is: entry });
    this.#next(entry.room_id);
  }

  retry(clientId: string): void {
    const entry = this.#find(clientId);
    if (entry?.state !== 'failed') return;
    this.#tries.delete(clientId);
    this.#tell(clientId, { state: 'queued', error: undefined });
    this.#next(entry.room_id);
  }

  /** Forgets an entry; true unless it is on its way already, when only the server can tell. */
  discard(clientId: string): boolean {
    const entry = this.#find(clientId);
    if (!entry || entry.state === 'sending' || entry.state === 'sent') return false;
    this.#forget(clientId);
    this.#deps.share({ gone: clientId });
    this.#next(entry.room_id);
    return true;
  }

  /** Another tab's word. What is thrown away there and already on its way here comes back there: this tab knows better. */
  heard(word: Shared<Pending>): void {
    if ('is' in word) {
      const { is } = word;
      const held = this.#find(is.client_id);
      this.#set(
        held
          ? this.#entries.map((entry) => (entry === held ? is : entry))
          : [...this.#entries, is].sort((a, b) => a.created_at.localeCompare(b.created_at)),
      );
      this.seen(is.room_id, this.#deps.cursor(is.room_id));
      this.#next(is.room_id);
      return;
    }
    const entry = this.#find(word.gone);
    if (!entry) return;
    if (this.#deps.leads() && (entry.state === 'sending' || entry.state === 'sent')) {
      void this.#deps.storage.put(entry);
      this.#deps.share({ is: entry });
      return;
    }
    this.#forget(word.gone);
    this.#next(entry.room_id);
  }

  /** This tab sends from now on. What the one before it had on its way is of unknown fate and goes out again. */
  lead(): void {
    this.#requeue();
    this.flush();
  }

  /** A connection is up: start every room's queue. */
  flush(): void {
    for (const roomId of new Set(this.#entries.map((entry) => entry.room_id))) this.#next(roomId);
  }

  /** The connection is gone: what was on its way is of unknown fate and goes out again. */
  pause(): void {
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
    if (this.#deps.leads()) this.#requeue();
  }

  /** The server has stored it. The entry stays, as `sent`, until its row is seen. */
  acked(frame: FrameOf<'ack'>): void {
    const entry = this.#find(frame.client_id);
    if (!entry) return;
    this.#tries.delete(entry.client_id);
    this.#tell(entry.client_id, { state: 'sent', seq: frame.seq, error: undefined });
    void this.#deps.storage.remove(entry.client_id);
    this.#settled(entry.room_id);
  }

  /** True when the refusal was about one of these sends. */
  refused(frame: FrameOf<'error'>): boolean {
    const entry = this.#find(frame.client_id) ?? this.#meant(frame);
    if (!entry) return false;
    if (PASSING.has(frame.code)) {
      this.#tell(entry.client_id, { state: 'queued' });
      this.#timers.get(entry.room_id)?.();
      const wait = frame.retry_after_ms ?? DEFAULT_RETRY_MS;
      this.#timers.set(
        entry.room_id,
        this.#deps.after(wait, () => this.#settled(entry.room_id)),
      );
      return true;
    }
    this.#fail(entry, { code: frame.reason, message: frame.message });
    return true;
  }

  /** The row itself has come; this also settles a send whose ack was lost. */
  arrived(clientId: string): void {
    const entry = this.#find(clientId);
    if (!entry) return;
    this.#forget(clientId);
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
    this.#tries.clear();
    this.#set([]);
  }

  #settled(roomId: number): void {
    this.#timers.get(roomId)?.();
    this.#timers.delete(roomId);
    this.#next(roomId);
  }

  /** One send per room is on its way at a time: a refused one cannot be overtaken by the next. */
  #next(roomId: number): void {
    if (this.#timers.has(roomId) || !this.#deps.leads()) return;
    const entry = this.#entries.find((held) => held.room_id === roomId && held.state === 'queued');
    if (!entry) return;
    const sent = this.#deps.send({
      type: 'text',
      room_id: entry.room_id,
      content: wellFormed(entry.content),
      client_id: entry.client_id,
      reply_to: entry.reply_to?.message_id ?? null,
    });
    if (!sent) return;
    this.#timers.set(
      roomId,
      this.#deps.after(ANSWER_TIMEOUT_MS, () => this.#unanswered(entry)),
    );
    const first = entry.sent_after === undefined;
    this.#tell(entry.client_id, { state: 'sending', ...(first ? { sent_after: this.#deps.cursor(roomId) } : {}) });
    if (first) this.#persist(entry.client_id);
  }

  /** The line lives and nobody answers: after a while that is about this entry, and the others go on. */
  #unanswered(entry: Pending): void {
    this.#timers.delete(entry.room_id);
    const tries = (this.#tries.get(entry.client_id) ?? 0) + 1;
    this.#tries.set(entry.client_id, tries);
    if (tries >= MOST_TRIES) {
      this.#fail(entry, { code: 'unavailable', message: '' });
      return;
    }
    this.#tell(entry.client_id, { state: 'queued' });
    this.#next(entry.room_id);
  }

  /** What a refusal without a client id is about: something that could not be read, and only one thing was on its way. */
  #meant(frame: FrameOf<'error'>): Pending | undefined {
    if (frame.client_id || !UNREADABLE.has(frame.reason)) return undefined;
    const onTheWay = this.#entries.filter(
      (entry) => entry.state === 'sending' && (!frame.room_id || entry.room_id === frame.room_id),
    );
    return onTheWay.length === 1 ? onTheWay[0] : undefined;
  }

  #fail(entry: Pending, error: NonNullable<Pending['error']>): void {
    this.#tell(entry.client_id, { state: 'failed', error });
    this.#persist(entry.client_id);
    this.#settled(entry.room_id);
  }

  #requeue(): void {
    for (const entry of this.#entries) if (entry.state === 'sending') this.#tell(entry.client_id, { state: 'queued' });
  }

  #find(clientId: string | null | undefined): Pending | undefined {
    return clientId ? this.#entries.find((entry) => entry.client_id === clientId) : undefined;
  }

  #tell(clientId: string, change: Partial<Pending>): void {
    this.#set(this.#entries.map((entry) => (entry.client_id === clientId ? { ...entry, ...change } : entry)));
    const is = this.#find(clientId);
    if (is) this.#deps.share({ is });
  }

  #forget(clientId: string): void {
    this.#tries.delete(clientId);
    this.#set(this.#entries.filter((held) => held.client_id !== clientId));
    void this.#deps.storage.remove(clientId);
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
