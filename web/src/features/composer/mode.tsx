/** What one answers or changes, above the words. */
import { CornerUpLeft, Pencil, X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { keysOf } from '../../lib/keys';
import { plainText } from '../../lib/plain';
import { type Draft, nameOf, useChat } from '../../state';
import { IconButton } from '../../ui';

export default function Mode({ draft: { editing, reply }, onCancel }: { draft: Draft; onCancel(): void }) {
  const t = useTranslations('composer');
  const kind = useTranslations('timeline');
  const name = useChat((chat) => (reply ? nameOf(chat.users[reply.user_id]) || reply.username : ''));
  return (
    <div className="cp-mode">
      {editing ? <Pencil size={14} aria-hidden="true" /> : <CornerUpLeft size={14} aria-hidden="true" />}
      {editing ? (
        <b>{t('editing')}</b>
      ) : (
        <span className="cp-reply">
          <b>{t('replyingTo', { name })}</b>
          <span dir="auto">
            {plainText(reply?.content ?? '') || kind('kind', { type: reply?.message_type ?? 'text' })}
          </span>
        </span>
      )}
      <IconButton size="small" label={t('cancel')} keys={keysOf('composer', 'cancel')} onClick={onCancel}>
        <X size={15} />
      </IconButton>
    </div>
  );
}
