import { type ReactNode, useRef } from 'react';
import { Collection } from 'react-aria-components/Collection';
import { Header } from 'react-aria-components/Header';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { Menu as AriaMenu, MenuItem, MenuSection } from 'react-aria-components/Menu';
import { Popover as AriaPopover } from 'react-aria-components/Popover';
import { useLocale } from 'use-intl';
import { Kbd } from '../badge';
import { classes } from '../classes';
import type { MenuProps, Placement, PopoverProps } from '../overlay';
import { Frame } from './modal';
import { useNarrow } from './narrow';

interface AnchoredProps {
  open: boolean;
  onClose: () => void;
  anchor: Element | null;
  label: string;
  placement: Placement;
  className: string;
  children: ReactNode;
}

function Anchored({ open, onClose, anchor, label, placement, className, children }: AnchoredProps) {
  const locale = useLocale();
  const trigger = useRef<Element | null>(null);
  // While it closes the caller may have forgotten the anchor already; it must not jump.
  if (open) trigger.current = anchor;
  return (
    <I18nProvider locale={locale}>
      <AriaPopover
        className={className}
        aria-label={label}
        isOpen={open}
        onOpenChange={(next) => {
          if (!next) onClose();
        }}
        triggerRef={trigger}
        placement={placement}
        offset={6}
        containerPadding={8}
      >
        {children}
      </AriaPopover>
    </I18nProvider>
  );
}

export function Popover({
  open,
  onClose,
  anchor,
  label,
  placement = 'bottom start',
  className,
  children,
}: PopoverProps) {
  const narrow = useNarrow();
  if (narrow) {
    return (
      <Frame open={open} onClose={onClose} title={label} hideTitle shape="below" className={className}>
        {children}
      </Frame>
    );
  }
  return (
    <Anchored
      open={open}
      onClose={onClose}
      anchor={anchor}
      label={label}
      placement={placement}
      className={classes('ui-popover', className)}
    >
      {children}
    </Anchored>
  );
}

function Actions({ label, sections, onClose }: Pick<MenuProps, 'label' | 'sections' | 'onClose'>) {
  return (
    <AriaMenu className="ui-menu" aria-label={label} items={sections} onClose={onClose} autoFocus="first">
      {(section) => (
        <MenuSection id={section.id} aria-label={section.label ?? label}>
          {section.label !== undefined && <Header>{section.label}</Header>}
          <Collection items={section.items}>
            {(item) => (
              <MenuItem
                id={item.id}
                className="ui-menu-item"
                textValue={item.label}
                isDisabled={item.disabled ?? false}
                data-danger={item.danger || undefined}
                onAction={item.onAction}
              >
                {item.icon}
                <span>{item.label}</span>
                {item.keys && <Kbd keys={item.keys} />}
              </MenuItem>
            )}
          </Collection>
        </MenuSection>
      )}
    </AriaMenu>
  );
}

export function Menu({ open, onClose, anchor, label, sections, placement = 'bottom start', header }: MenuProps) {
  const narrow = useNarrow();
  if (narrow) {
    return (
      <Frame open={open} onClose={onClose} title={label} hideTitle shape="below" className="is-actions">
        {header}
        <Actions label={label} sections={sections} onClose={onClose} />
      </Frame>
    );
  }
  return (
    <Anchored
      open={open}
      onClose={onClose}
      anchor={anchor}
      label={label}
      placement={placement}
      className="ui-popover is-menu"
    >
      <Actions label={label} sections={sections} onClose={onClose} />
    </Anchored>
  );
}
