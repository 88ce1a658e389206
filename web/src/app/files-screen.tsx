/** The files of all rooms that one may read. */
import { ArrowLeft } from 'lucide-react';
import { useCallback } from 'react';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import { FileList } from '../features/files';
import type { FileRow } from '../gen/wire';
import { useChat } from '../state';
import { IconButton } from '../ui';
import { fileParts } from './file-parts';

export default function FilesScreen() {
  const t = useTranslations('app');
  const rooms = useTranslations('rooms');
  const [, navigate] = useLocation();
  // In another room, or in one no more, other files are seen.
  const mine = useChat(({ rooms }) => Object.values(rooms).filter(({ my_role }) => my_role).length);
  const jump = useCallback(({ room_id, seq }: FileRow) => navigate(`/r/${room_id}/m/${seq}`), [navigate]);
  return (
    <main className="sheet" id="sheet" data-landmark="input" tabIndex={-1}>
      <header className="fl-head">
        <IconButton className="fl-back" label={rooms('back')} onClick={() => navigate('/')}>
          <ArrowLeft size={20} />
        </IconButton>
        <h1>{t('panel.files')}</h1>
      </header>
      <FileList key={mine} parts={fileParts} onJump={jump} />
    </main>
  );
}
