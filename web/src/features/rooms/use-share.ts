/** Puts the address of a room where it can be pasted, and says so. */
import { useTranslations } from 'use-intl';
import { copyText } from '../../lib/clipboard';
import { toast } from '../../ui';

export function useShare(roomId: number): () => void {
  const t = useTranslations('rooms');
  return () => {
    copyText(new URL(`/r/${roomId}`, location.href).href).then(
      () => toast({ text: t('linkCopied'), tone: 'ok' }),
      () => toast({ text: t('copyFailed'), tone: 'error' }),
    );
  };
}
