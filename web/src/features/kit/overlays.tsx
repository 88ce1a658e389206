import { Copy, MoreHorizontal, Pencil, Reply, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import {
  Button,
  ConfirmDialog,
  Dialog,
  Field,
  Menu,
  MenuButton,
  type MenuSection,
  Popover,
  Sheet,
  toast,
} from '../../ui';
import { Specimen } from './specimen';

type Which = 'dialog' | 'top' | 'sheet' | 'confirm' | 'popover' | 'menu';

/** What lies above the page: one button for each. */
export function Overlays() {
  const t = useTranslations('kit');
  const [open, setOpen] = useState<Which>();
  const popover = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLButtonElement>(null);
  const close = () => setOpen(undefined);
  const sections: readonly MenuSection[] = [
    {
      id: 'message',
      items: [
        {
          id: 'reply',
          label: t('menu.reply'),
          icon: <Reply aria-hidden="true" />,
          keys: 'R',
          onAction: () => undefined,
        },
        { id: 'copy', label: t('menu.copy'), icon: <Copy aria-hidden="true" />, keys: 'C', onAction: () => undefined },
        {
          id: 'edit',
          label: t('menu.edit'),
          icon: <Pencil aria-hidden="true" />,
          disabled: true,
          onAction: () => undefined,
        },
      ],
    },
    {
      id: 'danger',
      label: t('menu.danger'),
      items: [
        {
          id: 'remove',
          label: t('remove'),
          icon: <Trash2 aria-hidden="true" />,
          danger: true,
          onAction: () => undefined,
        },
      ],
    },
  ];
  return (
    <Specimen name="Dialog, Sheet, Popover, Menu, Toast, Tooltip">
      <div className="kit-row">
        <Button id="kit-dialog" onClick={() => setOpen('dialog')}>
          Dialog
        </Button>
        <Button id="kit-top" onClick={() => setOpen('top')}>
          Dialog top
        </Button>
        <Button id="kit-confirm" onClick={() => setOpen('confirm')}>
          ConfirmDialog
        </Button>
        <Button id="kit-sheet" onClick={() => setOpen('sheet')}>
          Sheet
        </Button>
        <Button id="kit-popover" ref={popover} onClick={() => setOpen('popover')}>
          Popover
        </Button>
        <Button id="kit-menu" ref={menu} onClick={() => setOpen('menu')}>
          Menu
        </Button>
        <MenuButton
          label={t('more')}
          icon={<MoreHorizontal aria-hidden="true" />}
          menu={(shown) => <Menu {...shown} label={t('more')} sections={sections} />}
        />
        <Button
          id="kit-toast"
          onClick={() =>
            toast({ tone: 'ok', text: t('toast'), action: { label: t('undo'), onAction: () => undefined } })
          }
        >
          Toast
        </Button>
        <Button id="kit-toast-error" onClick={() => toast({ tone: 'error', text: t('error') })}>
          Toast error
        </Button>
        <Button data-tip={t('hint')} data-tip-keys="Ctrl+K">
          Tooltip
        </Button>
      </div>
      <Dialog
        open={open === 'dialog'}
        onClose={close}
        title={t('dialogTitle')}
        actions={
          <>
            <Button onClick={close}>{t('later')}</Button>
            <Button variant="primary" onClick={close}>
              {t('save')}
            </Button>
          </>
        }
      >
        <Field label={t('label')} hint={t('hint')} />
      </Dialog>
      <Dialog open={open === 'top'} onClose={close} title={t('dialogTitle')} placement="top">
        <Field label={t('label')} />
      </Dialog>
      <Sheet open={open === 'sheet'} onClose={close} title={t('dialogTitle')}>
        <p>{t('emptyText')}</p>
      </Sheet>
      <ConfirmDialog
        open={open === 'confirm'}
        onClose={close}
        title={t('confirmTitle')}
        confirmLabel={t('remove')}
        danger
        onConfirm={() => undefined}
      >
        {t('confirmText')}
      </ConfirmDialog>
      <Popover open={open === 'popover'} onClose={close} anchor={popover.current} label={t('dialogTitle')}>
        <div className="kit-popover">
          <p>{t('emptyText')}</p>
          <Button onClick={close}>{t('later')}</Button>
        </div>
      </Popover>
      <Menu open={open === 'menu'} onClose={close} anchor={menu.current} label={t('more')} sections={sections} />
    </Specimen>
  );
}
