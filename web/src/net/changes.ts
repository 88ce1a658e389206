/**
 * Tells the server of edits and recalls, one after the other in the order they were made: across lost connections, reloads
 * and restarts. What is done twice by that is the same as done once. It does not draw anything.
 */
import type { Change } from '../state';
import { ApiError } from './api';
import { DEFAULT_RETRY_MS, PASSING, Queue, type QueueDeps } from './queue';

export interface ChangesDeps extends QueueDeps<Change> {
  /** False while there is no connection, or another tab does the telling: then nothing is tried. */
  up(): boolean;
  /** Asks the server; rejects with what it refused. */
  tell(change: Change): Promise<void>;
}

export class Changes extends Queue<Change, ChangesDeps> {
  /** Counts what was cleared: an answer to what was asked before it is nobody's any more. */
  #era = 0;
  #busy = false;
  #pause: (() => void) | undefined;

  protected override idOf(change: Change): string {
    return change.id;
  }

  /** The last word about a message stands in for earlier ones that nobody was told of. */
  override add(change: Change): void {
    for (const entry of this.entries) {
      if (entry.message_id === change.message_id && entry.state !== 'sending') this.drop(entry.id);
    }
    super.add(change);
  }

  protected override requeue(): void {
    if (!this.#busy) super.requeue();
  }

  override flush(): void {
    this.#pause?.();
    this.#pause = undefined;
    this.next();
  }

  override clear(): void {
    this.#pause?.();
    this.#pause = undefined;
    this.#era += 1;
    this.#busy = false;
    super.clear();
  }

  protected override next(): void {
    if (this.#busy || this.#pause || !this.deps.up()) return;
    const entry = this.entries.find((held) => held.state === 'queued');
    if (entry) void this.#take(entry);
  }

  async #take(entry: Change): Promise<void> {
    const era = this.#era;
    this.#busy = true;
    this.tell(entry.id, { state: 'sending' });
    try {
      await this.deps.tell(entry);
      if (era === this.#era) this.drop(entry.id);
    } catch (cause) {
      if (era === this.#era) this.#refused(entry, cause);
    }
    if (era !== this.#era) return;
    this.#busy = false;
    this.next();
  }

  #refused(entry: Change, cause: unknown): void {
    const refusal = cause instanceof ApiError ? cause : new ApiError(0, 'unreachable', String(cause));
    if (refusal.unreachable || PASSING.has(refusal.status)) {
      this.tell(entry.id, { state: 'queued' });
      this.#pause = this.deps.after(refusal.retryAfterMs ?? DEFAULT_RETRY_MS, () => this.flush());
      return;
    }
    // An answer that was lost: it is taken back already.
    const isDone = entry.kind === 'recall' && refusal.code === 'already_recalled';
    // A later word about the same message makes this one void.
    const isVoid = this.entries.some((held) => held.message_id === entry.message_id && held.id !== entry.id);
    if (isDone || isVoid) this.drop(entry.id);
    else this.fail(entry.id, { code: refusal.code, message: refusal.message });
  }
}
