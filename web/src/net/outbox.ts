/**
 * Sends what was written, in order per room, until the server has confirmed it: across lost connections, reloads and
 * restarts, never twice (the server knows each `client_id` for ever). No entry can hold up the others for ever. It does not draw
 * anything and keeps no history.
 */
import type { ClientFrame, FrameOf } from '../gen/wire';
import { wellFormed } from '../lib/well-formed';
import type { Pending } from '../state';
import { DEFAULT_RETRY_MS, PASSING, Queue, type QueueDeps } from './queue';

export interface OutboxDeps extends QueueDeps<Pending> {
  /** False when there is no connection. */
  send(frame: ClientFrame): boolean;
  /** The last position of a room that was received here. */
  cursor(roomId: number): number;
}

/** After this long without an answer the same send goes out again; the client id makes that harmless. */
const ANSWER_TIMEOUT_MS = 10_000;
/** So often on lines that live: then it is the entry, not the line. */
const MOST_TRIES = 4;
/** Refusals of what could not even be read, which do not say what they are about. */
const UNREADABLE: ReadonlySet<string> = new Set(['malformed', 'unknown_type', 'too_large', 'invalid']);

export class Outbox extends Queue<Pending, OutboxDeps> {
  /** Per room: what stops the wait for an answer, or the pause before the next try. */
  readonly #timers = new Map<number, () => void>();
  /** How often an entry went out and nobody answered. */
  readonly #tries = new Map<string, number>();

  protected override idOf(entry: Pending): string {
    return entry.client_id;
  }

  protected override retold(entry: Pending): void {
    this.#tries.delete(entry.client_id);
  }

  protected override took({ room_id }: Pending): void {
    this.seen(room_id, this.deps.cursor(room_id));
  }

  protected override forget(id: string): void {
    this.#tries.delete(id);
    super.forget(id);
  }

  /** Starts every room's queue. */
  override flush(): void {
    const rooms = new Map(this.entries.map((entry) => [entry.room_id, entry]));
    for (const entry of rooms.values()) this.next(entry);
  }

  /** The connection is gone: what was on its way is of unknown fate and goes out again. */
  pause(): void {
    this.#stop();
    if (this.deps.leads()) this.requeue();
  }

  override clear(): void {
    this.#stop();
    this.#tries.clear();
    super.clear();
  }

  /** The server has stored it. The entry stays, as `sent`, until its row is seen. */
  acked(frame: FrameOf<'ack'>): void {
    const entry = this.find(frame.client_id);
    if (!entry) return;
    this.#tries.delete(entry.client_id);
    this.tell(entry.client_id, { state: 'sent', seq: frame.seq, error: undefined });
    void this.deps.storage.remove(entry.client_id);
    this.#settled(entry);
  }

  /** True when the refusal was about one of these sends. */
  refused(frame: FrameOf<'error'>): boolean {
    const entry = this.find(frame.client_id) ?? this.#meant(frame);
    if (!entry) return false;
    if (PASSING.has(frame.code)) {
      this.tell(entry.client_id, { state: 'queued' });
      this.#timers.get(entry.room_id)?.();
      const wait = frame.retry_after_ms ?? DEFAULT_RETRY_MS;
      this.#timers.set(
        entry.room_id,
        this.deps.after(wait, () => this.#settled(entry)),
      );
      return true;
    }
    this.fail(entry.client_id, { code: frame.reason, message: frame.message });
    this.#settled(entry);
    return true;
  }

  /** The row itself has come; this also settles a send whose ack was lost. */
  arrived(clientId: string): void {
    const entry = this.find(clientId);
    if (!entry) return;
    this.forget(clientId);
    if (entry.state === 'sending') this.#settled(entry);
  }

  /** Rows up to here were received in this room: confirmed sends among them need no stand-in any more. */
  seen(roomId: number, cursor: number): void {
    this.keep((entry) => !(entry.room_id === roomId && entry.state === 'sent' && (entry.seq ?? 0) <= cursor));
  }

  #stop(): void {
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
  }

  #settled(entry: Pending): void {
    this.#timers.get(entry.room_id)?.();
    this.#timers.delete(entry.room_id);
    this.next(entry);
  }

  /** One send per room is on its way at a time: a refused one cannot be overtaken by the next. */
  protected override next({ room_id }: Pending): void {
    if (this.#timers.has(room_id) || !this.deps.leads()) return;
    const entry = this.entries.find((held) => held.room_id === room_id && held.state === 'queued');
    if (!entry) return;
    const sent = this.deps.send({
      type: 'text',
      room_id,
      content: wellFormed(entry.content),
      client_id: entry.client_id,
      reply_to: entry.reply_to?.message_id ?? null,
    });
    if (!sent) return;
    this.#timers.set(
      room_id,
      this.deps.after(ANSWER_TIMEOUT_MS, () => this.#unanswered(entry)),
    );
    const first = entry.sent_after === undefined;
    this.tell(entry.client_id, { state: 'sending', ...(first ? { sent_after: this.deps.cursor(room_id) } : {}) });
    if (first) this.persist(entry.client_id);
  }

  /** The line lives and nobody answers: after a while that is about this entry, and the others go on. */
  #unanswered(entry: Pending): void {
    this.#timers.delete(entry.room_id);
    const tries = (this.#tries.get(entry.client_id) ?? 0) + 1;
    this.#tries.set(entry.client_id, tries);
    if (tries >= MOST_TRIES) this.fail(entry.client_id, { code: 'unavailable', message: '' });
    else this.tell(entry.client_id, { state: 'queued' });
    this.next(entry);
  }

  /** What a refusal without a client id is about: something that could not be read, and only one thing was on its way. */
  #meant(frame: FrameOf<'error'>): Pending | undefined {
    if (frame.client_id || !UNREADABLE.has(frame.reason)) return undefined;
    const onTheWay = this.entries.filter(
      (entry) => entry.state === 'sending' && (!frame.room_id || entry.room_id === frame.room_id),
    );
    return onTheWay.length === 1 ? onTheWay[0] : undefined;
  }
}
