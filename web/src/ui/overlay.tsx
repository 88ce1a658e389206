/**
 * Dialogs, sheets, popovers and menus as the rest of the client sees them.
 * What draws them lives in `overlays/` and is loaded when the first one opens, or ahead of that.
 */
import { type ReactNode, useRef, useState } from 'react';
import { IconButton } from './button';
import { lazyPart } from './lazy-part';

interface Openable {
  open: boolean;
  onClose: () => void;
}

const onDemand = { wanted: ({ open }: Openable) => open, place: 'notice' } as const;

/** Fetches what draws all of them, ahead of the first. */
export function preloadOverlays(): void {
  void Menu.preload();
}

export interface DialogProps extends Openable {
  title: string;
  /** The title is then only the dialog's name for screen readers. */
  hideTitle?: boolean;
  /** Buttons at the end, the main one last. */
  actions?: ReactNode;
  size?: 'small' | 'normal' | 'large';
  /** `top` keeps its upper edge in place while the content grows, as a search does. */
  placement?: 'center' | 'top';
  /** There is nothing in it but text: the text itself takes the focus, so that keys can scroll it. */
  reading?: boolean;
  /** A dialog that needs an answer: no close button, a click outside does nothing. */
  must?: boolean;
  className?: string;
  children: ReactNode;
}

/** A question or a task in front of everything. A sheet from below on a phone. */
export const Dialog = lazyPart<DialogProps>(
  () => import('./overlays').then((chunk) => ({ default: chunk.Dialog })),
  onDemand,
);

export interface SheetProps extends Openable {
  title: string;
  hideTitle?: boolean;
  /** Where it comes from on a wide screen; on a phone always from below. */
  side?: 'right' | 'bottom';
  className?: string;
  children: ReactNode;
}

/** A further sheet of paper that slides in over the page. */
export const Sheet = lazyPart<SheetProps>(
  () => import('./overlays').then((chunk) => ({ default: chunk.Sheet })),
  onDemand,
);

export type Placement =
  | 'bottom start'
  | 'bottom end'
  | 'bottom'
  | 'top start'
  | 'top end'
  | 'top'
  | 'right top'
  | 'left top';

export interface PopoverProps extends Openable {
  anchor: Element | null;
  label: string;
  placement?: Placement;
  className?: string;
  children: ReactNode;
}

/** Something beside the thing it belongs to. A sheet from below on a phone. */
export const Popover = lazyPart<PopoverProps>(
  () => import('./overlays').then((chunk) => ({ default: chunk.Popover })),
  onDemand,
);

export interface MenuAction {
  id: string;
  label: string;
  icon?: ReactNode;
  keys?: string | undefined;
  danger?: boolean;
  disabled?: boolean;
  onAction: () => void;
}

export interface MenuSection {
  id: string;
  label?: string;
  items: readonly MenuAction[];
}

export interface MenuProps extends Openable {
  anchor: Element | null;
  label: string;
  sections: readonly MenuSection[];
  placement?: Placement;
  /** Above the actions, on a phone: what they are about. */
  header?: ReactNode;
}

/** Actions on one thing. One per list, moved to the row that asks. An action sheet on a phone. */
export const Menu = lazyPart<MenuProps>(
  () => import('./overlays').then((chunk) => ({ default: chunk.Menu })),
  onDemand,
);

export interface MenuButtonProps {
  label: string;
  icon: ReactNode;
  /** What it opens: a `Menu`, or a part that draws one. */
  menu(shown: Openable & { anchor: Element | null }): ReactNode;
  size?: 'small' | 'normal';
  className?: string;
}

/** An icon button with its menu. */
export function MenuButton({ label, icon, menu, size = 'normal', className }: MenuButtonProps) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  return (
    <>
      <IconButton
        ref={anchor}
        label={label}
        size={size}
        className={className}
        aria-haspopup="menu"
        aria-expanded={open}
        onPointerEnter={preloadOverlays}
        onFocus={preloadOverlays}
        onClick={() => setOpen(true)}
      >
        {icon}
      </IconButton>
      {menu({ open, onClose: () => setOpen(false), anchor: anchor.current })}
    </>
  );
}

export interface ConfirmDialogProps extends Openable {
  title: string;
  children: ReactNode;
  confirmLabel: string;
  danger?: boolean;
  /** The dialog closes when this is done and stays open when it throws; the caller tells why. */
  onConfirm: () => Promise<void> | void;
}

/** Asks before something that is hard to undo. */
export const ConfirmDialog = lazyPart<ConfirmDialogProps>(
  () => import('./overlays').then((chunk) => ({ default: chunk.ConfirmDialog })),
  onDemand,
);
