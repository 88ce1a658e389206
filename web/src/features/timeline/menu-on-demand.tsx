/** The place of the one menu: what draws it comes after the rows, and opening it draws nothing else of the list. */
import { type ComponentProps, lazy, Suspense, useEffect, useState } from 'react';
import { useMenu } from './row-actions';

const load = () => import('./row-menu');
const RowMenu = lazy(load);

export function MenuOnDemand(props: ComponentProps<typeof RowMenu>) {
  const asked = useMenu(({ menu, recalling }) => menu !== null || recalling !== null);
  // Once drawn it stays, so that closing can be seen.
  const [used, setUsed] = useState(false);
  if (asked && !used) setUsed(true);
  // Before it is asked for, and before the line may go.
  useEffect(() => void load().catch(() => undefined), []);
  return <Suspense fallback={null}>{used && <RowMenu {...props} />}</Suspense>;
}
