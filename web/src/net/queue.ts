/**
 * The steps that the server does not have yet, of every kind in one queue: across lost connections, reloads and restarts. Those of a
 * place are taken one after the other in the order they were done, places do not wait for each other, and no step can hold up the
 * others for ever. Every tab holds the same steps, the disk keeps them, and only the tab that leads takes them. How a kind of step
 * reaches the server is told by the table in `ways`. It does not draw anything and keeps no history.
 */
import type { FrameOf } from '../gen/wire';
import { isSend, isUploading, type Place, placeOf, type Send, type Step } from '../state';
import { ApiError } from './api';
import { isVoid, type Line, take, wasDone } from './ways';

/** What tabs tell each other: how a step is now, that it is gone, or, from the one that leads anew, which it knows. */
export type Shared = { readonly is: Step } | { readonly gone: string } | { readonly knows: readonly string[] };

export interface QueueDeps {
  readonly line: Line;
  /** Whether this is the tab that takes the steps. */
  leads(): boolean;
  /** Tells the other tabs. */
  share(word: Shared): void;
  storage: { put(step: Step): Promise<void>; remove(id: string): Promise<void> };
  after(ms: number, run: () => void): () => void;
  /** The last position of a room that was received here. */
  cursor(roomId: number): number;
  onChange(steps: readonly Step[]): void;
}

const DEFAULT_RETRY_MS = 2000;
/** After this long without an answer the same step is taken again; its id, or what it is, makes that harmless. */
const ANSWER_TIMEOUT_MS = 10_000;
/** So often on lines that live: then it is the step, not the line. */
const MOST_TRIES = 4;
/** Refusals that pass by themselves. */
const PASSING: ReadonlySet<number> = new Set([429, 503]);
/** Refusals of what could not even be read, which do not say what they are about. */
const UNREADABLE: ReadonlySet<string> = new Set(['malformed', 'unknown_type', 'too_large', 'invalid']);

export class Queue {
  readonly #deps: QueueDeps;
  #steps: readonly Step[] = [];
  /** Per place: what stops the wait for an answer, or the pause before the next try. */
  readonly #timers = new Map<Place, () => void>();
  /** What this tab has asked for and is going to hear of, whatever becomes of the line. */
  readonly #asked = new Set<string>();
  /** How often a step was taken and nobody answered. */
  readonly #tries = new Map<string, number>();
  /** Counts what was cleared: an answer to what was asked before it is nobody's any more. */
  #era = 0;

  constructor(deps: QueueDeps) {
    this.#deps = deps;
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** What a former page left. */
  restore(steps: readonly Step[]): void {
    const known = new Set(this.#steps.map(({ id }) => id));
    const left = steps.filter(({ id, state }) => !known.has(id) && state !== 'sent').map(afresh);
    this.#set(inOrder([...left, ...this.#steps]));
    this.flush();
  }

  /** A step is done. What it makes void of earlier ones that nobody was told of goes. */
  add(done: Step): void {
    const step = behind(done, this.#steps.at(-1));
    for (const held of this.#steps) if (!isUnderway(held) && isVoid(held, step)) this.#drop(held.id);
    this.#set([...this.#steps, step]);
    void this.#deps.storage.put(step);
    this.#deps.share({ is: step });
    this.#next(placeOfStep(step));
  }

  retry(id: string): void {
    const step = this.#find(id);
    if (step?.state !== 'failed') return;
    this.#tell(id, { state: 'queued', error: undefined });
    this.#next(placeOfStep(step));
  }

  /** Forgets a step; true unless it is on its way already, when only the server can tell. */
  discard(id: string): boolean {
    const step = this.#find(id);
    if (!step || isUnderway(step)) return false;
    this.#drop(id);
    this.#next(placeOfStep(step));
    return true;
  }

  /** What became known of a send that waits for files. */
  amend(id: string, change: Pick<Send, 'attachments'> | Pick<Send, 'state' | 'error'>): void {
    const step = this.#find(id);
    if (!step) return;
    this.#tell(id, change);
    this.#persist(id);
    this.#next(placeOfStep(step));
  }

  /** Another tab's word. What is thrown away there and already on its way here comes back there: this tab knows better. */
  heard(word: Shared): void {
    if ('knows' in word) {
      for (const is of this.#steps) if (!word.knows.includes(is.id) && is.state !== 'sent') this.#deps.share({ is });
      return;
    }
    if ('is' in word) {
      const { is } = word;
      const held = this.#find(is.id);
      // What a tab before this one had on its way is not on its way here.
      const now = !held && this.#deps.leads() ? afresh(is) : is;
      this.#set(held ? this.#steps.map((step) => (step === held ? now : step)) : inOrder([...this.#steps, now]));
      this.seen(is.room_id, this.#deps.cursor(is.room_id));
      this.#next(placeOfStep(is));
      return;
    }
    const step = this.#find(word.gone);
    if (!step) return;
    if (this.#deps.leads() && isUnderway(step)) {
      void this.#deps.storage.put(step);
      this.#deps.share({ is: step });
      return;
    }
    this.#forget(word.gone);
    this.#next(placeOfStep(step));
  }

  /**
   * This tab takes the steps from now on. What the one before it had on its way is of unknown fate and is taken again. What was done
   * elsewhere while this tab was opening went past it: the others are asked.
   */
  lead(): void {
    this.#stop();
    this.#requeue();
    this.flush();
    this.#deps.share({ knows: this.#steps.map(({ id }) => id) });
  }

  /** Takes what is due in every place. */
  flush(): void {
    for (const place of new Set(this.#steps.map(placeOfStep))) this.#next(place);
  }

  /** The connection is gone: what was on its way is of unknown fate and is taken again. */
  pause(): void {
    this.#stop();
    if (this.#deps.leads()) this.#requeue();
  }

  /** Forgets everything in memory; the storage is wiped by its owner. */
  clear(): void {
    this.#stop();
    this.#era += 1;
    this.#asked.clear();
    this.#tries.clear();
    this.#set([]);
  }

  /** The server has stored a send. It stays, as `sent`, until its row is seen. */
  acked(frame: FrameOf<'ack'>): void {
    const step = this.#find(frame.client_id);
    if (!step || !isSend(step)) return;
    this.#tries.delete(step.id);
    this.#tell(step.id, { state: 'sent', seq: frame.seq, error: undefined });
    void this.#deps.storage.remove(step.id);
    this.#settled(step);
  }

  /** True when the refusal was about one of these sends. */
  refused(frame: FrameOf<'error'>): boolean {
    const step = this.#find(frame.client_id) ?? this.#meant(frame);
    if (!step) return false;
    const { code, reason, message, retry_after_ms } = frame;
    this.#refused(step, new ApiError(code, reason, message, {}, retry_after_ms ?? undefined));
    return true;
  }

  /** Rows up to here were received in this room: confirmed sends among them need no stand-in any more. */
  seen(roomId: number, cursor: number): void {
    this.#keep((step) => !(isSend(step) && isSeen(step, roomId, cursor)));
  }

  /** One step per place is on its way at a time: a refused one cannot be overtaken by the next. */
  #next(place: Place): void {
    if (this.#timers.has(place) || !this.#deps.leads()) return;
    const here = this.#steps.filter((step) => placeOfStep(step) === place);
    if (here.some(({ id }) => this.#asked.has(id))) return;
    const step = here.find((one) => one.state === 'queued' && !isUploading(one));
    if (!step) return;
    const taken = take(step, this.#deps.line);
    if (!taken) return;
    const first = isSend(step) && step.sent_after === undefined;
    this.#tell(step.id, { state: 'sending', ...(first ? { sent_after: this.#deps.cursor(step.room_id) } : {}) });
    if (first) this.#persist(step.id);
    if (taken === true) this.#wait(step, ANSWER_TIMEOUT_MS, () => this.#unanswered(step, 0));
    else void this.#hear(step, taken);
  }

  /** The answer to what was asked for is its end. */
  async #hear(step: Step, answer: Promise<void>): Promise<void> {
    const era = this.#era;
    this.#asked.add(step.id);
    const refusal = await answer.then(
      () => undefined,
      (cause: unknown) => (cause instanceof ApiError ? cause : new ApiError(0, 'unreachable', String(cause))),
    );
    // Where nobody is answered, it is not about this step.
    const away = refusal?.unreachable === true && !(await this.#deps.line.alive());
    if (era !== this.#era) return;
    this.#asked.delete(step.id);
    if (refusal) {
      this.#refused(step, refusal, away);
      return;
    }
    this.#drop(step.id);
    this.#settled(step);
  }

  #refused(step: Step, refusal: ApiError, away = false): void {
    if (away || PASSING.has(refusal.status)) {
      this.#tell(step.id, { state: 'queued' });
      this.#wait(step, refusal.retryAfterMs ?? DEFAULT_RETRY_MS, () => this.#settled(step));
      return;
    }
    if (refusal.unreachable) {
      this.#unanswered(step, this.#tries.has(step.id) ? ANSWER_TIMEOUT_MS : DEFAULT_RETRY_MS);
      return;
    }
    // An answer that was lost, or a later word that makes this one void.
    const replaced = this.#steps.some((held) => held.id !== step.id && isVoid(step, held));
    if (replaced || wasDone(step, refusal.code)) this.#drop(step.id);
    else this.#fail(step.id, { code: refusal.code, message: refusal.message });
    this.#settled(step);
  }

  /** The line lives and nobody answers: after a while that is about this step, and the others go on. */
  #unanswered(step: Step, pauseMs: number): void {
    const tries = (this.#tries.get(step.id) ?? 0) + 1;
    this.#tries.set(step.id, tries);
    if (tries >= MOST_TRIES) this.#fail(step.id, { code: 'unavailable', message: '' });
    else this.#tell(step.id, { state: 'queued' });
    if (tries < MOST_TRIES && pauseMs > 0) this.#wait(step, pauseMs, () => this.#settled(step));
    else this.#settled(step);
  }

  #wait(step: Step, ms: number, run: () => void): void {
    const place = placeOfStep(step);
    this.#timers.get(place)?.();
    this.#timers.set(place, this.#deps.after(ms, run));
  }

  #settled(step: Step): void {
    const place = placeOfStep(step);
    this.#timers.get(place)?.();
    this.#timers.delete(place);
    this.#next(place);
  }

  #stop(): void {
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
  }

  #requeue(): void {
    for (const { id, state } of this.#steps) {
      if (state === 'sending' && !this.#asked.has(id)) this.#tell(id, { state: 'queued' });
    }
  }

  /** What a refusal without a client id is about: something that could not be read, and only one thing was on its way. */
  #meant(frame: FrameOf<'error'>): Send | undefined {
    if (frame.client_id || !UNREADABLE.has(frame.reason)) return undefined;
    const onTheWay = this.#steps.filter(
      (step): step is Send =>
        isSend(step) && step.state === 'sending' && (!frame.room_id || step.room_id === frame.room_id),
    );
    return onTheWay.length === 1 ? onTheWay[0] : undefined;
  }

  #find(id: string | null | undefined): Step | undefined {
    return id ? this.#steps.find((step) => step.id === id) : undefined;
  }

  #tell(id: string, change: Partial<Omit<Send, 'kind' | 'id'>>): void {
    this.#set(this.#steps.map((step) => (step.id === id ? { ...step, ...change } : step)));
    const is = this.#find(id);
    if (is) this.#deps.share({ is });
  }

  /** It is refused for good: that is kept, too. Taken again, in whichever tab one asks for it, it is tried as often as before. */
  #fail(id: string, error: NonNullable<Step['error']>): void {
    this.#tries.delete(id);
    this.#tell(id, { state: 'failed', error });
    this.#persist(id);
  }

  #persist(id: string): void {
    const step = this.#find(id);
    if (step) void this.#deps.storage.put(step);
  }

  /** Here only: the other tabs see by themselves what has come. */
  #forget(id: string): void {
    this.#tries.delete(id);
    this.#keep((step) => step.id !== id);
    void this.#deps.storage.remove(id);
  }

  #drop(id: string): void {
    this.#forget(id);
    this.#deps.share({ gone: id });
  }

  #keep(which: (step: Step) => boolean): void {
    const left = this.#steps.filter(which);
    if (left.length !== this.#steps.length) this.#set(left);
  }

  #set(steps: readonly Step[]): void {
    this.#steps = steps;
    this.#deps.onChange(steps);
  }
}

function placeOfStep(step: Step): Place {
  return placeOf(step.room_id, step.thread);
}

/** As it is taken where nobody hears of what became of it. */
function afresh(step: Step): Step {
  return step.state === 'sending' ? { ...step, state: 'queued' } : step;
}

/** The server may have it. */
function isUnderway(step: Step): boolean {
  return step.state === 'sending' || step.state === 'sent';
}

function isSeen(send: Send, roomId: number, cursor: number): boolean {
  return send.room_id === roomId && send.state === 'sent' && (send.seq ?? 0) <= cursor;
}

/** Tabs and later visits tell the order by this moment, and a clock may be set back between two steps. */
function behind(step: Step, last: Step | undefined): Step {
  if (!last || step.created_at > last.created_at) return step;
  return { ...step, created_at: new Date(Date.parse(last.created_at) + 1).toISOString() };
}

function inOrder(steps: readonly Step[]): readonly Step[] {
  return [...steps].sort((a, b) => a.created_at.localeCompare(b.created_at));
}
