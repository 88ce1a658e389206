/** The files of all rooms that one may read. The frame is there at once, whatever becomes of what it shows. */
import { ArrowLeft } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useLocation } from 'wouter';
import { useChat } from '../state';
import { IconButton } from '../ui';
import { lazyWithWords } from './words';
import './files-screen.css';

const ListedFiles = lazyWithWords(() => import('./listed-files'));

export default function FilesScreen() {
  const t = useTranslations('app');
  const rooms = useTranslations('rooms');
  const [, navigate] = useLocation();
  // In another room, or in one no more, other files are seen.
  const mine = useChat(({ rooms }) => Object.values(rooms).filter(({ my_role }) => my_role).length);
  return (
    <main className="sheet" id="sheet" data-landmark="input" tabIndex={-1}>
      <header className="fs-head">
        <IconButton className="fs-back" label={rooms('back')} onClick={() => navigate('/')}>
          <ArrowLeft size={20} />
        </IconButton>
        <h1>{t('panel.files')}</h1>
      </header>
      <ListedFiles key={mine} />
    </main>
  );
}
