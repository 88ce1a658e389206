/**
 * Tells the server of edits and recalls, one after the other in the order they were made: across lost connections, reloads
 * and restarts. What is done twice by that is the same as done once. It does not draw anything.
 */
import type { Change } from '../state';
import { ApiError } from './api';
import { PASSING, type Shared } from './outbox';

export interface ChangesStorage {
  put(change: Change): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface ChangesDeps {
  /** False while there is no connection, or another tab does the telling: then nothing is tried. */
  up(): boolean;
  /** Tells the other tabs. */
  share(word: Shared<Change>): void;
  /** Asks the server; rejects with what it refused. */
  tell(change: Change): Promise<void>;
  storage: ChangesStorage;
  after(ms: number, run: () => void): () => void;
  onChange(entries: readonly Change[]): void;
}

const RETRY_MS = 2000;

export class Changes {
  readonly #deps: ChangesDeps;
  #entries: readonly Change[] = [];
  /** Counts what was cleared: an answer to what was asked before it is nobody's any more. */
  #era = 0;
  #busy = false;
  #pause: (() => void) | undefined;

  constructor(deps: ChangesDeps) {
    this.#deps = deps;
  }

  get entries(): readonly Change[] {
    return this.#entries;
  }

  /** What a former page left untold. */
  restore(entries: readonly Change[]): void {
    const known = new Set(this.#entries.map((entry) => entry.id));
    const left = entries
      .filter((entry) => !known.has(entry.id))
      .map((entry) => (entry.state === 'sending' ? { ...entry, state: 'queued' as const } : entry));
    this.#set([...left, ...this.#entries].sort((a, b) => a.created_at.localeCompare(b.created_at)));
    this.flush();
  }

  /** The last word about a message stands in for earlier ones that nobody was told of. */
  add(change: Change): void {
    for (const entry of this.#entries) {
      if (entry.message_id === change.message_id && entry.state !== 'sending') this.#drop(entry.id);
    }
    this.#set([...this.#entries, change]);
    void this.#deps.storage.put(change);
    this.#deps.share({ is: change });
    this.#next();
  }

  /** Another tab's word. What is thrown away there and already on its way here comes back there. */
  heard(word: Shared<Change>): void {
    if ('is' in word) {
      const held = this.#find(word.is.id);
      this.#set(held ? this.#entries.map((entry) => (entry === held ? word.is : entry)) : [...this.#entries, word.is]);
      this.#next();
      return;
    }
    const entry = this.#find(word.gone);
    if (entry?.state === 'sending' && this.#deps.up()) this.#deps.share({ is: entry });
    else this.#set(this.#entries.filter((held) => held.id !== word.gone));
  }

  /** This tab does the telling from now on; what the one before had on its way is told again. */
  lead(): void {
    if (!this.#busy) {
      for (const entry of this.#entries) if (entry.state === 'sending') this.#change(entry.id, { state: 'queued' });
    }
    this.flush();
  }

  retry(id: string): void {
    if (this.#find(id)?.state !== 'failed') return;
    this.#change(id, { state: 'queued', error: undefined });
    this.#next();
  }

  /** Leaves the message as it is; not once it is on its way. */
  discard(id: string): void {
    const entry = this.#find(id);
    if (entry && entry.state !== 'sending') this.#drop(id);
  }

  /** A connection is up. */
  flush(): void {
    this.#pause?.();
    this.#pause = undefined;
    this.#next();
  }

  /** Forgets everything in memory; the storage is wiped by its owner. */
  clear(): void {
    this.#pause?.();
    this.#pause = undefined;
    this.#era += 1;
    this.#busy = false;
    this.#set([]);
  }

  #next(): void {
    if (this.#busy || this.#pause || !this.#deps.up()) return;
    const entry = this.#entries.find((held) => held.state === 'queued');
    if (entry) void this.#tell(entry);
  }

  async #tell(entry: Change): Promise<void> {
    const era = this.#era;
    this.#busy = true;
    this.#change(entry.id, { state: 'sending' });
    try {
      await this.#deps.tell(entry);
      if (era === this.#era) this.#drop(entry.id);
    } catch (cause) {
      if (era === this.#era) this.#refused(entry, cause);
    }
    if (era !== this.#era) return;
    this.#busy = false;
    this.#next();
  }

  #refused(entry: Change, cause: unknown): void {
    const refusal = cause instanceof ApiError ? cause : new ApiError(0, 'unreachable', String(cause));
    if (refusal.unreachable || PASSING.has(refusal.status)) {
      this.#change(entry.id, { state: 'queued' });
      this.#pause = this.#deps.after(refusal.retryAfterMs ?? RETRY_MS, () => this.flush());
      return;
    }
    // An answer that was lost: it is taken back already.
    if (entry.kind === 'recall' && refusal.code === 'already_recalled') {
      this.#drop(entry.id);
      return;
    }
    // A later word about the same message makes this one void.
    if (this.#entries.some((held) => held.message_id === entry.message_id && held.id !== entry.id)) {
      this.#drop(entry.id);
      return;
    }
    this.#change(entry.id, { state: 'failed', error: { code: refusal.code, message: refusal.message } });
    const failed = this.#find(entry.id);
    if (failed) void this.#deps.storage.put(failed);
  }

  #find(id: string): Change | undefined {
    return this.#entries.find((entry) => entry.id === id);
  }

  #change(id: string, change: Partial<Change>): void {
    this.#set(this.#entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)));
    const is = this.#find(id);
    if (is) this.#deps.share({ is });
  }

  #drop(id: string): void {
    this.#set(this.#entries.filter((entry) => entry.id !== id));
    void this.#deps.storage.remove(id);
    this.#deps.share({ gone: id });
  }

  #set(entries: readonly Change[]): void {
    this.#entries = entries;
    this.#deps.onChange(entries);
  }
}
