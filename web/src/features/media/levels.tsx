import type { CSSProperties } from 'react';
import { LEVELS } from './recorder';

/** How loud it was in the last seconds, the newest at the end. For the eye: nothing is said of it. */
export function Levels({ levels, still }: { levels: readonly number[]; still?: boolean }) {
  const count = LEVELS;
  const bars = [...Array.from({ length: count - levels.length }, () => 0), ...levels.slice(-count)];
  return (
    <span className="rec-levels" data-still={still || undefined} dir="ltr" aria-hidden="true">
      {bars.map((level, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place; what it shows moves on
        <i key={at} style={{ '--level': Math.sqrt(level) } as CSSProperties} />
      ))}
    </span>
  );
}
