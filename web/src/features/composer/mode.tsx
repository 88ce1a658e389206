/** What one answers or changes, above the words. */
import { CornerUpLeft, Pencil, X } from 'lucide-react';
import type { ComponentType } from 'react';
import { useTranslations } from 'use-intl';
import { keysOf } from '../../lib/keys';
import { plainText } from '../../lib/plain';
import { type Draft, fileOfQuote, nameOf, useChat } from '../../state';
import { IconButton } from '../../ui';

export type NamedWords = ComponentType<{ text: string; source?: string }>;

interface ModeProps {
  roomId: number;
  draft: Draft;
  Named: NamedWords | undefined;
  onCancel(): void;
}

export default function Mode({ roomId, draft: { editing, reply }, Named, onCancel }: ModeProps) {
  const t = useTranslations('composer');
  const kind = useTranslations('timeline');
  const name = useChat((chat) => (reply ? nameOf(chat.users[reply.user_id]) || reply.username : ''));
  const file = useChat((chat) => fileOfQuote(chat, roomId, reply));
  const words = plainText(reply?.content ?? '');
  return (
    <div className="cp-mode">
      {editing ? <Pencil size={14} aria-hidden="true" /> : <CornerUpLeft size={14} aria-hidden="true" />}
      {editing ? (
        <b>{t('editing')}</b>
      ) : (
        <span className="cp-reply">
          <b>{t('replyingTo', { name })}</b>
          <span dir="auto">
            {Named && words ? (
              <Named text={words} source={reply?.content ?? ''} />
            ) : (
              words || file || kind('kind', { type: reply?.message_type ?? 'text' })
            )}
          </span>
        </span>
      )}
      <IconButton size="small" label={t('cancel')} keys={keysOf('composer', 'cancel')} onClick={onCancel}>
        <X size={15} />
      </IconButton>
    </div>
  );
}
