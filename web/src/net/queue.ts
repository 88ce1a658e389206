/**
 * A queue of steps that the server does not have yet: what all kinds of them have in common. Every tab holds the same steps, the
 * disk keeps them across reloads, and only the tab that leads takes them. How a step is taken, and what may overtake what, is told by
 * who extends this: `Outbox` for sends, `Changes` for what is done to a stored message.
 */
export interface Step {
  readonly created_at: string;
  readonly state: 'queued' | 'sending' | 'sent' | 'failed';
  /** The server's word for why, and its sentence. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

/** What tabs tell each other: how a step is now, or that it is gone. */
export type Shared<S> = { readonly is: S } | { readonly gone: string };

export interface QueueDeps<S extends Step> {
  /** Whether this is the tab that takes the steps. */
  leads(): boolean;
  /** Tells the other tabs. */
  share(word: Shared<S>): void;
  storage: { put(step: S): Promise<void>; remove(id: string): Promise<void> };
  after(ms: number, run: () => void): () => void;
  onChange(entries: readonly S[]): void;
}

export const DEFAULT_RETRY_MS = 2000;
/** Refusals that pass by themselves. */
export const PASSING: ReadonlySet<number> = new Set([429, 503]);

export abstract class Queue<S extends Step, Deps extends QueueDeps<S>> {
  protected readonly deps: Deps;
  #entries: readonly S[] = [];

  constructor(deps: Deps) {
    this.deps = deps;
  }

  /** By what a step is known, here and to the server. */
  protected abstract idOf(step: S): string;

  /** Takes the step that is due, where this one waits; nothing where one is on its way or nobody can be told. */
  protected abstract next(of: S): void;

  /** A connection is up. */
  abstract flush(): void;

  get entries(): readonly S[] {
    return this.#entries;
  }

  /** What a former page left. */
  restore(entries: readonly S[]): void {
    const known = new Set(this.#entries.map((step) => this.idOf(step)));
    const left = entries
      .filter((step) => !known.has(this.idOf(step)) && step.state !== 'sent')
      .map((step) => (step.state === 'sending' ? { ...step, state: 'queued' as const } : step));
    this.#set(inOrder([...left, ...this.#entries]));
    this.flush();
  }

  add(step: S): void {
    this.#set([...this.#entries, step]);
    void this.deps.storage.put(step);
    this.deps.share({ is: step });
    this.next(step);
  }

  retry(id: string): void {
    const step = this.find(id);
    if (step?.state !== 'failed') return;
    this.retold(step);
    this.tell(id, { state: 'queued', error: undefined });
    this.next(step);
  }

  /** Forgets a step; true unless it is on its way already, when only the server can tell. */
  discard(id: string): boolean {
    const step = this.find(id);
    if (!step || isUnderway(step)) return false;
    this.drop(id);
    this.next(step);
    return true;
  }

  /** Another tab's word. What is thrown away there and already on its way here comes back there: this tab knows better. */
  heard(word: Shared<S>): void {
    if ('is' in word) {
      const { is } = word;
      const held = this.find(this.idOf(is));
      this.#set(held ? this.#entries.map((step) => (step === held ? is : step)) : inOrder([...this.#entries, is]));
      this.took(is);
      this.next(is);
      return;
    }
    const step = this.find(word.gone);
    if (!step) return;
    if (this.deps.leads() && isUnderway(step)) {
      void this.deps.storage.put(step);
      this.deps.share({ is: step });
      return;
    }
    this.forget(word.gone);
    this.next(step);
  }

  /** This tab takes the steps from now on. What the one before it had on its way is of unknown fate and is taken again. */
  lead(): void {
    this.requeue();
    this.flush();
  }

  /** Forgets everything in memory; the storage is wiped by its owner. */
  clear(): void {
    this.#set([]);
  }

  /** Somebody wants another try of what was refused. */
  protected retold(_step: S): void {}

  /** A step has come from another tab. */
  protected took(_step: S): void {}

  protected requeue(): void {
    for (const step of this.#entries) if (step.state === 'sending') this.tell(this.idOf(step), { state: 'queued' });
  }

  protected find(id: string | null | undefined): S | undefined {
    return id ? this.#entries.find((step) => this.idOf(step) === id) : undefined;
  }

  protected tell(id: string, change: Partial<Step> | Partial<S>): void {
    this.#set(this.#entries.map((step) => (this.idOf(step) === id ? { ...step, ...change } : step)));
    const is = this.find(id);
    if (is) this.deps.share({ is });
  }

  /** It is refused for good: that is kept, too. */
  protected fail(id: string, error: NonNullable<Step['error']>): void {
    this.tell(id, { state: 'failed', error });
    this.persist(id);
  }

  protected persist(id: string): void {
    const step = this.find(id);
    if (step) void this.deps.storage.put(step);
  }

  /** Here only: the other tabs see by themselves what has come. */
  protected forget(id: string): void {
    this.keep((step) => this.idOf(step) !== id);
    void this.deps.storage.remove(id);
  }

  protected drop(id: string): void {
    this.forget(id);
    this.deps.share({ gone: id });
  }

  protected keep(which: (step: S) => boolean): void {
    const left = this.#entries.filter(which);
    if (left.length !== this.#entries.length) this.#set(left);
  }

  #set(entries: readonly S[]): void {
    this.#entries = entries;
    this.deps.onChange(entries);
  }
}

/** The server may have it. */
function isUnderway(step: Step): boolean {
  return step.state === 'sending' || step.state === 'sent';
}

function inOrder<S extends Step>(steps: readonly S[]): readonly S[] {
  return [...steps].sort((a, b) => a.created_at.localeCompare(b.created_at));
}
