/** What was written in a room one is in no more: to copy, until one lets it go. Nothing of one's own vanishes from sight. */
import { Copy } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { copyText } from '../lib/clipboard';
import { discardSend } from '../net';
import { dropDrafts, leftIn, useChat, useDrafts, useLoads, useOutbox } from '../state';
import { Banner, Button, IconButton, toast } from '../ui';

const NONE: readonly never[] = [];

/** `known`: the room can still be looked at, and its timeline shows what was refused, with what to do about it. */
export function Leftovers({ roomId, known = false }: { roomId: number; known?: boolean }) {
  const t = useTranslations('app.leftovers');
  const mine = useChat((chat) => Boolean(chat.rooms[roomId]?.my_role));
  const loaded = useLoads((loads) => loads.rooms === 'ready');
  const places = useDrafts((drafts) => drafts.places);
  const all = useOutbox((outbox) => outbox.entries);
  const entries = known ? NONE : all;
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
