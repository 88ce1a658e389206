/**
 * Leads the view to a row, and there again as rows are measured on the way, until a hand goes elsewhere or the list rests. The virtual
 * list would lead there by itself, and back again from wherever a hand has gone meanwhile. A plain class, so that it can be tested.
 */

/** Where rows are in the list, in px from its start. */
export interface Sizes {
  getItemOffset(index: number): number;
  getItemSize(index: number): number;
}

/** The element that scrolls. */
export interface Window {
  scrollTop: number;
  readonly clientHeight: number;
}

/** Where the row shall be: so far below the upper edge (`at`), in the middle, or wherever in sight. */
export type Stand = { readonly at: number } | 'middle' | 'sight';

export class Aim {
  #target: { readonly row: string; readonly stand: Stand } | undefined;

  /** To this row from now on; `lead` goes there. */
  take(row: string, stand: Stand): void {
    this.#target = { row, stand };
  }

  /** A hand has taken over, or it is reached. */
  release(): void {
    this.#target = undefined;
  }

  /** Goes there, as far as sizes are known now. False where it leads nowhere. */
  lead(sizes: Sizes, keys: readonly string[], view: Window): boolean {
    const index = this.#target ? keys.indexOf(this.#target.row) : -1;
    if (!this.#target || index < 0) return false;
    const [top, height] = [sizes.getItemOffset(index), sizes.getItemSize(index)];
    const [room, { stand }] = [view.clientHeight - height, this.#target];
    if (stand === 'middle') view.scrollTop = top - room / 2;
    else if (stand !== 'sight') view.scrollTop = top - stand.at;
    else if (top < view.scrollTop) view.scrollTop = top;
    else if (top - room > view.scrollTop) view.scrollTop = top - room;
    return true;
  }
}
