/** The locks of one browser for tests: what a tab holds, and who waits for it. A tab that is closed holds nothing any more. */

interface Waiting {
  readonly tab: TabLocks;
  readonly run: () => Promise<unknown>;
}

export class BrowserLocks {
  readonly #held = new Map<string, TabLocks>();
  readonly #queues = new Map<string, Waiting[]>();

  tab(): TabLocks {
    return new TabLocks(this);
  }

  async ask(tab: TabLocks, name: string, signal: AbortSignal | undefined, work: () => unknown): Promise<unknown> {
    return new Promise((answer, fail) => {
      const waiting = { tab, run: async () => answer(await work()) };
      this.#queues.set(name, [...(this.#queues.get(name) ?? []), waiting]);
      signal?.addEventListener('abort', () => {
        const queue = this.#queues.get(name) ?? [];
        if (!queue.includes(waiting)) return;
        this.#queues.set(
          name,
          queue.filter((one) => one !== waiting),
        );
        fail(new DOMException('aborted', 'AbortError'));
      });
      this.#next(name);
    });
  }

  close(tab: TabLocks): void {
    for (const [name, queue] of this.#queues)
      this.#queues.set(
        name,
        queue.filter((one) => one.tab !== tab),
      );
    for (const [name, held] of this.#held) {
      if (held !== tab) continue;
      this.#held.delete(name);
      this.#next(name);
    }
  }

  #next(name: string): void {
    const [first, ...rest] = this.#queues.get(name) ?? [];
    if (this.#held.has(name) || !first) return;
    this.#queues.set(name, rest);
    this.#held.set(name, first.tab);
    void first.run().then(() => {
      if (this.#held.get(name) !== first.tab) return;
      this.#held.delete(name);
      this.#next(name);
    });
  }
}

export class TabLocks implements Pick<LockManager, 'request'> {
  readonly #browser: BrowserLocks;

  constructor(browser: BrowserLocks) {
    this.#browser = browser;
  }

  // biome-ignore lint/suspicious/noExplicitAny: as the browser's own is declared
  async request(name: string, ...[options, work]: any[]): Promise<any> {
    return this.#browser.ask(this, name, options.signal, work);
  }

  close(): void {
    this.#browser.close(this);
  }
}
