/** What was written in a room one is in no more: to copy, until one lets it go. Nothing of one's own vanishes from sight. */
import { Copy } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { copyText } from '../lib/clipboard';
import { discardSend } from '../net';
import { dropDrafts, leftIn, useChat, useDrafts, useLoads, useOutbox } from '../state';
import { Banner, Button, IconButton, toast } from '../ui';

export function Leftovers({ roomId }: { roomId: number }) {
  const t = useTranslations('app.leftovers');
  const mine = useChat((chat) => Boolean(chat.rooms[roomId]?.my_role));
  const loaded = useLoads((loads) => loads.rooms === 'ready');
  const places = useDrafts((drafts) => drafts.places);
  const entries = useOutbox((outbox) => outbox.entries);
  const left = useMemo(() => leftIn(roomId, places, entries), [roomId, places, entries]);
  if (mine || !loaded || left.length === 0) return null;

  const copy = (text: string) =>
    copyText(text).then(
      () => toast({ text: t('copied'), tone: 'ok' }),
      () => toast({ text: t('copyFailed'), tone: 'error' }),
    );
  const letGo = () => {
    for (const { client_id } of entries.filter((entry) => entry.room_id === roomId)) discardSend(client_id);
    dropDrafts(roomId);
  };
  return (
    <section className="leftovers" data-testid="leftovers" aria-label={t('title')}>
      <Banner
        tone="warning"
        action={
          <Button size="small" onClick={letGo}>
            {t('letGo')}
          </Button>
        }
      >
        <b>{t('title')}</b> {t('hint')}
      </Banner>
      <ul>
        {left.map(({ key, text }) => (
          <li key={key}>
            <p dir="auto">{text}</p>
            <IconButton size="small" label={t('copy')} onClick={() => void copy(text)}>
              <Copy size={16} />
            </IconButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
