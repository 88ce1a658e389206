/** The shape of a sound in a few numbers: the loudest of each stretch, 0 to 100. */

export const PEAKS = 64;
/** A room where nobody speaks stays quiet: what is softer than this is not blown up. */
const QUIET = 0.05;

/** Takes levels (0 to 1) as they come, of a sound whose end is not known; holds a bounded number of them. */
export class Peaks {
  #held: number[] = [];
  /** So many levels make one of what is held: each time it is full, two become one. */
  #each = 1;
  #loudest = 0;
  #taken = 0;

  push(level: number): void {
    this.#loudest = Math.max(this.#loudest, level);
    this.#taken += 1;
    if (this.#taken < this.#each) return;
    this.#held.push(this.#loudest);
    this.#loudest = 0;
    this.#taken = 0;
    if (this.#held.length < 4 * PEAKS) return;
    this.#held = grouped(this.#held, 2 * PEAKS);
    this.#each *= 2;
  }

  /** So far, in proportion to the loudest. */
  take(): number[] {
    const all = this.#taken > 0 ? [...this.#held, this.#loudest] : this.#held;
    const most = Math.max(QUIET, ...all);
    return grouped(all, PEAKS).map((level) => Math.round((100 * Math.min(level, most)) / most));
  }
}

/** The same shape in at most so many numbers. */
export function grouped(levels: readonly number[], count: number): number[] {
  if (levels.length <= count) return [...levels];
  const groups = Array.from({ length: count }, () => 0);
  for (const [at, level] of levels.entries()) {
    const group = Math.floor((at * count) / levels.length);
    groups[group] = Math.max(groups[group] ?? 0, level);
  }
  return groups;
}

/** How high the loudest of these samples is, 0 to 1. */
export function levelOf(samples: Float32Array): number {
  let most = 0;
  for (const sample of samples) most = Math.max(most, Math.abs(sample));
  return Math.min(1, most);
}

/** Bars of a drawing `height` high and three wide each, round a middle line, as the path of an SVG. */
export function barsPath(waveform: readonly number[], height: number): string {
  const bar = (peak: number, at: number) => {
    const half = Math.max(1, (Math.min(100, Math.max(0, peak)) * (height / 2)) / 100);
    return `M${at * 3 + 1} ${round(height / 2 - half)}v${round(2 * half)}`;
  };
  return waveform.map(bar).join('');
}

const round = (length: number) => Math.round(length * 100) / 100;
