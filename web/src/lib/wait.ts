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
