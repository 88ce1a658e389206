import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { useLocale, useTranslations } from 'use-intl';
import { useBackCloses } from '../../lib/back';
import { IconButton } from '../button';
import { classes } from '../classes';
import type { DialogProps, SheetProps } from '../overlay';
import { useNarrow } from './narrow';

interface FrameProps {
  open: boolean;
  onClose: () => void;
  title: string;
  hideTitle?: boolean | undefined;
  must?: boolean | undefined;
  reading?: boolean | undefined;
  /** How the modal lies on the screen; the style sheet knows the words. */
  shape: string;
  className?: string | undefined;
  actions?: ReactNode;
  children: ReactNode;
}

/** Scrim, modal, title line with a close button, content, actions. */
export function Frame({
  open,
  onClose,
  title,
  hideTitle,
  must,
  reading,
  shape,
  className,
  actions,
  children,
}: FrameProps) {
  const t = useTranslations('ui');
  const locale = useLocale();
  const narrow = useNarrow();
  useBackCloses(open && narrow, onClose);
  return (
    <I18nProvider locale={locale}>
      <ModalOverlay
        className="ui-scrim"
        data-shape={shape}
        isOpen={open}
        onOpenChange={(next) => {
          if (!next) onClose();
        }}
        isDismissable={!must}
        isKeyboardDismissDisabled={must ?? false}
      >
        <Modal className={classes('ui-modal', className)} data-shape={shape}>
          <AriaDialog className="ui-dialog" role={must ? 'alertdialog' : 'dialog'}>
            <header className={hideTitle ? 'ui-hidden' : 'ui-dialog-head'}>
              <Heading slot="title" level={2}>
                {title}
              </Heading>
              {!must && !hideTitle && (
                <IconButton label={t('close')} size="small" onClick={onClose}>
                  <X aria-hidden="true" />
                </IconButton>
              )}
            </header>
            <div className="ui-dialog-body" {...(reading && { tabIndex: 0, role: 'region', 'aria-label': title })}>
              {children}
            </div>
            {actions && <footer className="ui-dialog-actions">{actions}</footer>}
          </AriaDialog>
        </Modal>
      </ModalOverlay>
    </I18nProvider>
  );
}

export function Dialog({ size = 'normal', placement = 'center', ...props }: DialogProps) {
  const narrow = useNarrow();
  return <Frame {...props} shape={placement === 'top' ? 'top' : narrow ? 'below' : size} />;
}

export function Sheet({ side = 'right', ...props }: SheetProps) {
  const narrow = useNarrow();
  return <Frame {...props} shape={narrow || side === 'bottom' ? 'below' : 'side'} />;
}
