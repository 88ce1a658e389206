import type { ReactNode } from 'react';

/** Text for screen readers only. */
export function VisuallyHidden({
  children,
  as: Tag = 'span',
}: {
  children: ReactNode;
  as?: 'span' | 'h1' | 'h2' | 'div';
}) {
  return <Tag className="ui-hidden">{children}</Tag>;
}
