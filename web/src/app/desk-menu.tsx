/** The menu of the desk: what is new, how the list is sorted, help and the way out. */
import { ArrowDownAZ, ClockArrowDown, Compass, Keyboard, LogOut, MessageCirclePlus, Plus } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { sortRooms, useDesk } from '../features/rooms';
import { keysOf } from '../lib/keys';
import { Menu, type MenuSection } from '../ui';
import type { Overlay } from './shell';

export default function DeskMenu({
  open,
  anchor,
  onClose,
  onOverlay,
}: {
  open: boolean;
  anchor: Element | null;
  onClose(): void;
  onOverlay(overlay: Overlay): void;
}) {
  const t = useTranslations('app');
  const words = useTranslations('deskMenu');
  const desk = useDesk();
  const sections: MenuSection[] = [
    {
      id: 'rooms',
      items: [
        { id: 'create', label: t('createRoom'), icon: <Plus />, onAction: () => onOverlay('create') },
        { id: 'browse', label: t('browse'), icon: <Compass />, onAction: () => onOverlay('browse') },
        {
          id: 'direct',
          label: t('startDirect'),
          icon: <MessageCirclePlus />,
          onAction: () => onOverlay('direct'),
        },
      ],
    },
    {
      id: 'list',
      items: [
        {
          id: 'sort',
          label: desk.sort === 'name' ? words('sortRecent') : words('sortName'),
          icon: desk.sort === 'name' ? <ClockArrowDown /> : <ArrowDownAZ />,
          onAction: () => sortRooms(desk.sort === 'name' ? 'recent' : 'name'),
        },
      ],
    },
    {
      id: 'more',
      items: [
        {
          id: 'help',
          label: words('keyboardHelp'),
          icon: <Keyboard />,
          keys: keysOf('page', 'help'),
          onAction: () => onOverlay('help'),
        },
        { id: 'logout', label: words('logOut'), icon: <LogOut />, onAction: () => onOverlay('leave') },
      ],
    },
  ];

  return (
    <Menu open={open} onClose={onClose} anchor={anchor} label={t('menu')} sections={sections} placement="bottom end" />
  );
}
