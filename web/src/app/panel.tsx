/** The sheet beside the room: its members, its files or its details. Part of the address, so that Back closes it. */
import { X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Room } from '../gen/wire';
import { keysOf } from '../lib/keys';
import { IconButton } from '../ui';
import { lazyWithWords } from './words';

export type PanelName = 'members' | 'files' | 'details';

export interface PanelProps {
  name: PanelName;
  room: Room;
  onProfile(userId: number, anchor: Element): void;
  onMessage(userId: number): void;
  onAdd(): void;
  onGone(): void;
}

const Body = lazyWithWords(() => import('./panel-body'));

/** The frame is there at once, so that it can be closed whatever becomes of what it shows. */
export function Panel({ onClose, ...shown }: PanelProps & { onClose(): void }) {
  const t = useTranslations('app');
  const { name, room } = shown;
  return (
    <aside className="panel" aria-label={t(`panel.${name}`)} data-landmark="button">
      <div className="panel-head">
        <h2>{t(`panel.${name}`)}</h2>
        <IconButton label={t('closePanel')} keys={keysOf('page', 'panel')} onClick={onClose}>
          <X size={18} />
        </IconButton>
      </div>
      <div className="panel-body">
        <Body key={`${room.id}-${name}`} {...shown} />
      </div>
    </aside>
  );
}
