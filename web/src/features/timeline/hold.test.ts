import { describe, expect, it } from 'vitest';
import { Hold } from './hold';

type Rows = readonly (readonly [key: string, height: number])[];

/** A list as the virtual one is while it shifts: every change of its length moves the view with its end. */
class List {
  #top = 0;
  rows: Rows = [];
  /** Like a browser, which scrolls by whole pixels. */
  get scrollTop() {
    return this.#top;
  }
  set scrollTop(top: number) {
    this.#top = Math.floor(top);
  }
  get keys() {
    return this.rows.map(([key]) => key);
  }
  getItemOffset = (index: number) => this.rows.slice(0, index).reduce((sum, [, height]) => sum + height, 0);
  findItemIndex = (offset: number) => this.rows.findIndex((_, index) => this.getItemOffset(index + 1) > offset);
  /** Where a row's lower edge is in the view. */
  seen(key: string) {
    return this.getItemOffset(this.keys.indexOf(key) + 1) - this.scrollTop;
  }
  change(rows: Rows) {
    const before = this.getItemOffset(this.rows.length);
    this.rows = rows;
    this.scrollTop += this.getItemOffset(rows.length) - before;
  }
}

function reading() {
  const list = new List();
  list.rows = [
    ['a', 50],
    ['b', 50],
    ['c', 50],
    ['d', 50],
  ];
  list.scrollTop = 60;
  const hold = new Hold();
  hold.scrolled(list, list.keys, list.scrollTop);
  return { list, hold, before: list.seen('b') };
}

describe('Hold', () => {
  it('leaves the view alone when rows come above and are measured', () => {
    const { list, hold, before } = reading();
    list.change([['z', 64], ...list.rows]);
    hold.shifted(list, list.keys, list);
    expect(list.seen('b')).toBe(before);
    list.change([['z', 30], ...list.rows.slice(1)]);
    hold.resized(list, list.keys, list);
    expect(list.seen('b')).toBe(before);
  });

  it('takes back what new rows below move when they are measured, without adding up what is rounded', () => {
    const { list, hold, before } = reading();
    list.change([['z', 64], ...list.rows]);
    hold.shifted(list, list.keys, list);
    for (const key of ['e', 'f', 'g', 'h', 'i']) {
      list.rows = [...list.rows, [key, 64]];
      hold.grown(list, list.keys);
      list.change([...list.rows.slice(0, -1), [key, 26.5]]);
      hold.resized(list, list.keys, list);
      hold.scrolled(list, list.keys, list.scrollTop);
      expect(Math.abs(list.seen('b') - before)).toBeLessThan(1);
    }
  });

  it('holds the row when rows come above and below in one drawing', () => {
    const { list, hold, before } = reading();
    list.change([['z', 64], ...list.rows, ['e', 64]]);
    hold.shifted(list, list.keys, list);
    expect(list.seen('b')).toBe(before);
  });

  it('follows the hand that scrolls on', () => {
    const { list, hold } = reading();
    list.change([['z', 64], ...list.rows]);
    hold.shifted(list, list.keys, list);
    list.scrollTop += 70;
    hold.scrolled(list, list.keys, list.scrollTop);
    const before = list.seen('c');
    list.change([...list.rows.slice(0, -1), ['d', 20]]);
    hold.resized(list, list.keys, list);
    expect(list.seen('c')).toBe(before);
  });

  it('stays out of it when nothing came above, and once the list has come to rest', () => {
    const { list, hold } = reading();
    list.change([...list.rows.slice(0, 3), ['d', 70]]);
    hold.resized(list, list.keys, list);
    expect(list.scrollTop).toBe(80);
    list.change([['z', 64], ...list.rows]);
    hold.shifted(list, list.keys, list);
    hold.rest();
    list.change([...list.rows.slice(0, -1), ['d', 90]]);
    hold.resized(list, list.keys, list);
    expect(list.scrollTop).toBe(80 + 64 + 20);
  });

  it('has nothing to say about a row that is gone', () => {
    const { list, hold } = reading();
    list.change([['y', 500]]);
    const { scrollTop } = list;
    hold.shifted(list, list.keys, list);
    hold.resized(list, list.keys, list);
    expect(list.scrollTop).toBe(scrollTop);
  });
});
