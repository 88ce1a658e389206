/**
 * Keeps a virtual list where its reader stands. What is above and below changes; where one stands does not: stuck to the end
 * while the end is in view, otherwise on the row that was being read. A plain class, so that its rules can be tested.
 */

/** Within this of the end one counts as being there. */
export const STICK_PX = 60;

export interface Viewport {
  readonly offset: number;
  readonly size: number;
  readonly total: number;
}

export function distanceToEnd(view: Viewport): number {
  return Math.max(0, view.total - view.offset - view.size);
}

export class Stance {
  #stuck = true;
  #first: string | undefined;
  #last: string | undefined;

  /** Whether the end is to stay in view. */
  get stuck(): boolean {
    return this.#stuck;
  }

  /** The reader moved. */
  scrolled(view: Viewport): void {
    this.#stuck = distanceToEnd(view) <= STICK_PX;
  }

  /** A jump elsewhere lets go of the end, or takes hold of it. */
  hold(end: boolean): void {
    this.#stuck = end;
  }

  /**
   * Called with the keys about to be drawn. True when rows came to the start (or left it) while others stayed: the list
   * must then keep its distance from the end instead of from the start.
   */
  shifts(keys: readonly string[]): boolean {
    const first = keys[0];
    if (this.#first === undefined || first === undefined || first === this.#first) return false;
    const earlier = keys.indexOf(this.#first);
    const dropped = earlier < 0;
    // Rows came before the one that was first; or it left and the end is the same as before.
    return earlier > 0 || (dropped && this.#last !== undefined && keys.includes(this.#last));
  }

  /** Called once they are drawn. */
  drawn(keys: readonly string[]): void {
    this.#first = keys[0];
    this.#last = keys.at(-1);
  }
}
