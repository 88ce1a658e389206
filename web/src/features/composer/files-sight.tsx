/** What a composer shows of files: its tray, the menu of a finger, and where files may be let go of. */
import { Camera, FolderOpen, Images, Upload, Video } from 'lucide-react';
import { createPortal } from 'react-dom';
import { useTranslations } from 'use-intl';
import { Menu } from '../../ui';
import type { FilesSightProps } from './files-part';
import { Tray } from './tray';

export default function FilesSight({ place, title, holds, dragging, choosing, onChoose }: FilesSightProps) {
  const t = useTranslations('files');
  const sources = [
    {
      id: 'pictures',
      label: t('pictures'),
      icon: <Images size={18} />,
      onAction: () => onChoose({ accept: 'image/*,video/*' }),
    },
    {
      id: 'camera',
      label: t('camera'),
      icon: <Camera size={18} />,
      onAction: () => onChoose({ accept: 'image/*', camera: true }),
    },
    { id: 'film', label: t('film'), icon: <Video size={18} />, onAction: () => onChoose({ film: true }) },
    { id: 'files', label: t('anyFile'), icon: <FolderOpen size={18} />, onAction: () => onChoose({}) },
  ];
  return (
    <>
      {holds && <Tray place={place} />}
      <Menu
        open={choosing !== null}
        onClose={() => onChoose(undefined)}
        anchor={choosing}
        label={t('choose')}
        placement="top start"
        sections={[{ id: 'sources', items: sources }]}
      />
      {dragging &&
        createPortal(
          <div className="cp-drop" data-testid="drop-zone" aria-hidden="true">
            <div>
              <span>
                <Upload size={26} />
              </span>
              <b>{t('drop', { room: title })}</b>
              <small>{t('dropHint')}</small>
            </div>
          </div>,
          document.body,
        )}
    </>
  );
}
