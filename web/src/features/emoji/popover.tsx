import { useTranslations } from 'use-intl';
import { lazyPart, Popover, type PopoverProps, preloadOverlays } from '../../ui';
import { loadEmoji } from './data';

const Picker = lazyPart(() => import('./picker'), { waiting: <div className="emoji" /> });

/** Fetches the picker and its data ahead of the first use: at idle, or when the button gets the pointer. */
export function preloadEmoji(locale: string): void {
  preloadOverlays();
  void Picker.preload();
  void loadEmoji(locale).catch(() => undefined);
}

export interface EmojiPopoverProps extends Pick<PopoverProps, 'open' | 'onClose' | 'anchor' | 'placement'> {
  onPick: (emoji: string) => void;
}

/** The picker beside its button; a sheet from below on a phone. One for the whole page is enough. */
export function EmojiPopover({ open, onClose, anchor, placement = 'top start', onPick }: EmojiPopoverProps) {
  const t = useTranslations('emoji');
  return (
    <Popover
      open={open}
      onClose={onClose}
      anchor={anchor}
      placement={placement}
      label={t('title')}
      className="emoji-popover"
    >
      <Picker
        onPick={(emoji) => {
          onClose();
          onPick(emoji);
        }}
      />
    </Popover>
  );
}
