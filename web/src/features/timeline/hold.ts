/**
 * Holds the row that is read while rows come above it. From then until it comes to rest, the virtual list keeps its
 * distance from the end, so whatever changes its height below the view (a new row that is measured, a message that is
 * edited) moves the view by as much. This scrolls it back before it is painted. A plain class, so that it can be tested.
 */

/** Where rows are in the list, in px from its start. */
export interface Ruler {
  /** The row at this offset. */
  findItemIndex(offset: number): number;
  /** The top of a row; of the one after the last, the end of the list. */
  getItemOffset(index: number): number;
}

/** The element that scrolls. It may round what it is told to whole pixels. */
export interface View {
  scrollTop: number;
}

export class Hold {
  #shifting = false;
  /** The row at the upper edge of the view, told by its key. */
  #row: string | undefined;
  /** From the upper edge of the view to the lower edge of the row. */
  #gap = 0;
  /** From there to the end of the list. */
  #below = 0;
  /** Where the view was last. */
  #top = Number.NaN;

  /** The view scrolled to `top`. */
  scrolled(ruler: Ruler, keys: readonly string[], top: number): void {
    // The echo of what was done here: to take its rounding for a wish would add up.
    if (Math.abs(top - this.#top) < 1) return;
    this.anchor(ruler, keys, top);
  }

  /** From here on the row is held that stands at `top`, the upper edge of the view. */
  anchor(ruler: Ruler, keys: readonly string[], top: number): void {
    this.#row = keys[ruler.findItemIndex(top)];
    this.#top = top;
    const now = this.#measure(ruler, keys);
    if (now) this.#gap = now.edge - top;
  }

  /** Rows came at the start, or left it: the list moved the view with its end, and will until `rest`. */
  shifted(ruler: Ruler, keys: readonly string[], view: View): void {
    this.#shifting = true;
    const below = this.#below;
    const now = this.#measure(ruler, keys);
    if (!now) return;
    if (now.below !== below) view.scrollTop -= now.below - below;
    this.#top = view.scrollTop;
    this.#gap = now.edge - this.#top;
  }

  /** Rows changed their height, and the list has answered to it. */
  resized(ruler: Ruler, keys: readonly string[], view: View): void {
    const now = this.#measure(ruler, keys);
    if (!now) return;
    const wanted = now.edge - this.#gap;
    if (this.#shifting && Math.abs(wanted - view.scrollTop) >= 1) view.scrollTop = wanted;
    this.#top = view.scrollTop;
    if (!this.#shifting) this.#gap = now.edge - this.#top;
  }

  /** Rows came at the end, or left it, which moves nothing. */
  grown(ruler: Ruler, keys: readonly string[]): void {
    this.#measure(ruler, keys);
  }

  /** The list came to rest or was sent elsewhere: from here on it looks after the view by itself. */
  rest(): void {
    this.#shifting = false;
  }

  #measure(ruler: Ruler, keys: readonly string[]): { edge: number; below: number } | undefined {
    const index = this.#row === undefined ? -1 : keys.indexOf(this.#row);
    if (index < 0) return undefined;
    const edge = ruler.getItemOffset(index + 1);
    this.#below = ruler.getItemOffset(keys.length) - edge;
    return { edge, below: this.#below };
  }
}
