/** Why the server did not take what was said or done, with the words of it, and what can be done now. */
import { RotateCw } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Message } from '../../gen/wire';
import { discardStep, retryStep } from '../../net';
import { placeOf, type Step, toDraft } from '../../state';
import { releaseUploads } from '../../state/upload-changes';
import { Button, useRefusals } from '../../ui';
import type { RowActions } from './row';

export interface FailedProps {
  message: Message;
  step: Step;
  actions: RowActions;
}

const REFUSED = { send: 'failed', edit: 'editRefused', recall: 'recallRefused' } as const;

export default function FailedNote({ message, step, actions }: FailedProps) {
  const t = useTranslations('timeline');
  const refusals = useRefusals();
  return (
    <div className="tl-failed" role="alert">
      <span>{t(REFUSED[step.kind], { reason: refusals.say(step.error, '') })}</span>
      {step.kind === 'edit' && <p dir="auto">{step.content}</p>}
      {!message.recalled_at && (
        <Button size="small" icon={<RotateCw size={14} />} onClick={() => retryStep(step.id)}>
          {t('retry')}
        </Button>
      )}
      {step.kind !== 'recall' && (
        <Button size="small" variant="plain" onClick={() => takeBack(message, step) && actions.compose()}>
          {t('edit')}
        </Button>
      )}
      <Button size="small" variant="plain" onClick={() => discardStep(step.id)}>
        {step.kind === 'send' ? t('delete') : t('leaveIt')}
      </Button>
    </div>
  );
}

/** Into the box, to be changed and done again. */
function takeBack(message: Message, step: Exclude<Step, { kind: 'recall' }>): boolean {
  // Before it is let go of, or its files would go with it.
  if (step.kind === 'send') releaseUploads(step);
  if (!discardStep(step.id)) return false;
  const place = placeOf(step.room_id, step.thread);
  const { content: text } = step;
  if (step.kind === 'edit' && !message.recalled_at) {
    toDraft(place, { type: 'edited', id: message.id, original: message.content, text });
  } else toDraft(place, { type: 'took_back', text, reply: step.kind === 'send' ? step.reply_to : undefined });
  return true;
}
