/** A pause after which something is done once. A wait that runs is let run: begun again at each event, it would never end in a busy room. */
export class Wait {
  #timer: ReturnType<typeof setTimeout> | undefined;

  get running(): boolean {
    return this.#timer !== undefined;
  }

  start(ms: number, run: () => void): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      run();
    }, ms);
  }

  /** Nothing is done. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** The answer, or nothing where it takes longer. */
export function within<T>(answer: Promise<T>, ms: number): Promise<T | undefined> {
  return Promise.race([answer, new Promise<undefined>((late) => setTimeout(late, ms))]);
}
