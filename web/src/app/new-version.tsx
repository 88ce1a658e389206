/** The server hands out another build of the client than this page is: a quiet offer, which nobody has to take at once. */
import { RotateCw } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useConnection } from '../state';
import { BUILD } from './build';

export function NewVersion() {
  const t = useTranslations('app');
  const build = useConnection((connection) => connection.build);
  if (BUILD === '' || build === '' || build === BUILD) return null;
  return (
    <button type="button" className="desk-new" onClick={() => location.reload()}>
      <RotateCw size={15} aria-hidden="true" />
      {t('newVersion')}
    </button>
  );
}
