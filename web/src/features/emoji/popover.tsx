import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { lazyPart, Popover, type PopoverProps } from '../../ui';

const Picker = lazyPart(() => import('./picker'), { waiting: <div className="emoji" /> });
const Manage = lazyPart(() => import('./manage'), { wanted: ({ open }) => open, place: 'notice' });

interface EmojiPopoverProps extends Pick<PopoverProps, 'open' | 'onClose' | 'anchor' | 'placement'> {
  onPick: (emoji: string) => void;
}

/** The picker beside its button; a sheet from below on a phone. One for the whole page is enough. */
export default function EmojiPopover({ open, onClose, anchor, placement = 'top start', onPick }: EmojiPopoverProps) {
  const t = useTranslations('emoji');
  const [managing, setManaging] = useState(false);
  return (
    <>
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
          onManage={() => {
            onClose();
            setManaging(true);
          }}
        />
      </Popover>
      <Manage open={managing} onClose={() => setManaging(false)} />
    </>
  );
}
