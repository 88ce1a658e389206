import { type ReactNode, useEffect, useState } from 'react';
import './progress.css';
import { classes } from './classes';

/** True once `after` milliseconds have gone by: what is quicker than that should not flash. */
function useLate(after: number): boolean {
  const [late, setLate] = useState(after === 0);
  useEffect(() => {
    if (after === 0) return;
    const timer = setTimeout(() => setLate(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return late;
}

/** A turning ring, drawn only when the wait is longer than a second (or `after` milliseconds). */
export function Spinner({ after = 1000, label, className }: { after?: number; label?: string; className?: string }) {
  if (!useLate(after)) return null;
  return (
    <svg
      className={classes('ui-spinner', className)}
      viewBox="0 0 20 20"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      <circle cx="10" cy="10" r="8" />
      <path d="M10 2a8 8 0 0 1 8 8" />
    </svg>
  );
}

/** How much of something is done; without a value, that something is going on. */
export function Progress({ label, value, max = 100 }: { label: string; value?: number; max?: number }) {
  return <progress className="ui-progress" aria-label={label} value={value} max={max} />;
}

/** Grey lines in the place of text that is on its way; nothing for the first 200 ms. */
export function Skeleton({
  lines = 1,
  after = 200,
  className,
}: {
  lines?: number;
  after?: number;
  className?: string;
}) {
  const late = useLate(after);
  const widths = ['92%', '78%', '86%', '64%', '81%'];
  return (
    <span className={classes('ui-skeleton', !late && 'is-waiting', className)} aria-hidden="true">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are alike and never reordered
        <span key={line} style={{ width: lines === 1 ? '100%' : widths[line % widths.length] }} />
      ))}
    </span>
  );
}

/** Skeleton rows shaped like people: a squircle and two lines. */
export function SkeletonRows({
  rows = 3,
  after = 200,
  children,
}: {
  rows?: number;
  after?: number;
  children?: ReactNode;
}) {
  const late = useLate(after);
  return (
    <div className={classes('ui-skeleton-rows', !late && 'is-waiting')} role="status">
      {children && <span className="ui-hidden">{children}</span>}
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never reordered
        <div key={row} aria-hidden="true">
          <i />
          <Skeleton lines={2} after={0} />
        </div>
      ))}
    </div>
  );
}
