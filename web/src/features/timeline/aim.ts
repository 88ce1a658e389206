/**
 * Leads the view to a row or to the end, and there again as rows are measured on the way, until a hand goes elsewhere or it is reached. The
 * virtual list would lead there by itself, and back again from wherever a hand has gone meanwhile. A plain class, so that it can be tested.
 */

/** Where rows are in the list, in px from its start. */
export interface Sizes {
  getItemOffset(index: number): number;
  getItemSize(index: number): number;
}

/** The element that scrolls. */
export interface Window {
  scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
}

/** Where the row shall be: so many px below the upper edge, in the middle, or wherever in sight. */
export type Stand = number | 'middle' | 'sight';

/** The end of the list; no row has this key. */
export const END = '';

export class Aim {
  #row: string | undefined;
  #stand: Stand = 'sight';
  #top = 0;

  /** To this row, or to `END`, from now on; `lead` goes there. */
  take(row: string | undefined, stand: Stand): void {
    this.#row = row;
    this.#stand = stand;
  }

  /** It is reached. */
  release(): void {
    this.#row = undefined;
  }

  /** The view is at `top`: where it was led, or a hand has taken over and it is led no more. False then. */
  scrolled(top: number): boolean {
    if (Math.abs(top - this.#top) >= 1) this.release();
    return this.#row !== undefined;
  }

  /** Goes there, as far as sizes are known now. False where it leads nowhere. */
  lead(sizes: Sizes, keys: readonly string[], view: Window): boolean {
    const index = keys.indexOf(this.#row ?? END);
    if (this.#row === END) view.scrollTop = view.scrollHeight;
    else if (index < 0) return false;
    else {
      const top = sizes.getItemOffset(index);
      const last = top + sizes.getItemSize(index) - view.clientHeight;
      view.scrollTop =
        this.#stand === 'middle'
          ? (top + last) / 2
          : this.#stand === 'sight'
            ? Math.min(top, Math.max(view.scrollTop, last))
            : top - this.#stand;
    }
    // The element may have rounded it, and goes no further than its ends.
    this.#top = view.scrollTop;
    return true;
  }
}
