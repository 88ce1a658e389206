/** Where the one menu of a timeline stands: what draws it comes after the rows, and opening it draws nothing else of the list. */
import type { ComponentProps } from 'react';
import { lazyPart } from '../../ui';
import { useMenu, useMenuOwner } from './row-actions';
import type RowMenu from './row-menu';

interface Props extends ComponentProps<typeof RowMenu> {
  open: boolean;
  onClose(): void;
}

const LazyMenu = lazyPart<Props>(() => import('./row-menu'), { wanted: ({ open }) => open, place: 'notice' });

export function MenuOnDemand(props: ComponentProps<typeof RowMenu>) {
  const open = useMenu(({ menu, recalling }) => menu !== null || recalling !== null);
  const owner = useMenuOwner();
  return <LazyMenu {...props} open={open} onClose={() => owner.setState({ menu: null, recalling: null })} />;
}
