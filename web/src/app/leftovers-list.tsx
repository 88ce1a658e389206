/** What was left in a room, if anything was, with what can be done about it. */
import { Copy } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { copyText } from '../lib/clipboard';
import { discardStep } from '../net';
import { dropDrafts, type Leftover, leftIn, type Step, useDrafts, useSteps } from '../state';
import { Banner, Button, IconButton, toast } from '../ui';

const NONE: readonly never[] = [];

export default function LeftoversList({ roomId, known }: { roomId: number; known: boolean }) {
  const places = useDrafts((drafts) => drafts.places);
  const { sends, changes } = useSteps();
  const steps = useMemo(() => (known ? NONE : [...sends, ...changes]), [known, sends, changes]);
  const left = useMemo(() => leftIn(roomId, places, steps), [roomId, places, steps]);
  return left.length === 0 ? null : <Left roomId={roomId} left={left} steps={steps} />;
}

function Left({ roomId, left, steps }: { roomId: number; left: readonly Leftover[]; steps: readonly Step[] }) {
  const t = useTranslations('leftovers');
  const copy = (text: string) =>
    copyText(text).then(
      () => toast({ text: t('copied'), tone: 'ok' }),
      () => toast({ text: t('copyFailed'), tone: 'error' }),
    );
  const letGo = () => {
    for (const { id } of steps.filter((step) => step.room_id === roomId)) discardStep(id);
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
