import { describe, expect, it } from 'vitest';
import { Aim, END } from './aim';

/** Rows of these heights under a view that is 300 px high. */
function list(heights: number[]) {
  const getItemOffset = (index: number) => heights.slice(0, index).reduce((sum, height) => sum + height, 0);
  const keys = heights.map((_, index) => `row ${index}`);
  return {
    sizes: { getItemOffset, getItemSize: (index: number) => heights[index] ?? 0 },
    keys,
    view: {
      scrollTop: 0,
      clientHeight: 300,
      get scrollHeight() {
        return getItemOffset(heights.length);
      },
    },
  };
}

describe('the way to a row', () => {
  it('leads where it shall stand, and there again when rows are measured', () => {
    const heights = Array.from({ length: 20 }, () => 64);
    const { sizes, keys, view } = list(heights);
    const aim = new Aim();
    aim.take('row 10', 100);
    expect(aim.lead(sizes, keys, view)).toBe(true);
    expect(view.scrollTop).toBe(640 - 100);
    heights[3] = 164;
    aim.lead(sizes, keys, view);
    expect(view.scrollTop).toBe(740 - 100);
    aim.take('row 10', 'middle');
    aim.lead(sizes, keys, view);
    expect(view.scrollTop).toBe(740 - 118);
  });

  it('brings a row in sight by the shortest way, and moves nothing for one that is', () => {
    const { sizes, keys, view } = list(Array.from({ length: 20 }, () => 50));
    const aim = new Aim();
    for (const [row, top] of [
      ['row 7', 100],
      ['row 3', 100],
      ['row 1', 50],
    ] as const) {
      aim.take(row, 'sight');
      aim.lead(sizes, keys, view);
      expect(view.scrollTop, row).toBe(top);
    }
  });

  it('leads to the end, and there again when rows are measured', () => {
    const heights = [300, 300];
    const { sizes, keys, view } = list(heights);
    const aim = new Aim();
    aim.take(END, 0);
    expect(aim.lead(sizes, keys, view)).toBe(true);
    heights[1] = 500;
    aim.lead(sizes, keys, view);
    expect(view.scrollTop).toBe(800);
  });

  it('leads nowhere once a hand took over, or for a row that is gone', () => {
    const { sizes, keys, view } = list([50, 50, 50]);
    const aim = new Aim();
    aim.take('row 2', 0);
    expect(aim.scrolled(view.scrollTop)).toBe(true);
    expect(aim.scrolled(view.scrollTop - 8)).toBe(false);
    expect(aim.lead(sizes, keys, view)).toBe(false);
    aim.take('row 9', 0);
    expect(aim.lead(sizes, keys, view)).toBe(false);
    expect(view.scrollTop).toBe(0);
  });
});
