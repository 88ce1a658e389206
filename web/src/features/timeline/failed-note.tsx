/** Why the server did not take what was said or done, with the words of it, and what can be done now. */
import { RotateCw } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Message } from '../../gen/wire';
import type { Step } from '../../state';
import { Button, useRefusals } from '../../ui';
import type { Item } from './items';
import type { RowActions } from './row';

export interface FailedProps {
  item: Item;
  message: Message;
  step: Step;
  actions: RowActions;
}

const REFUSED = { send: 'failed', edit: 'editRefused', recall: 'recallRefused' } as const;

export default function FailedNote({ item, message, step, actions }: FailedProps) {
  const t = useTranslations('timeline');
  const refusals = useRefusals();
  return (
    <div className="tl-failed" role="alert">
      <span>{t(REFUSED[step.kind], { reason: refusals.say(step.error, '') })}</span>
      {step.kind === 'edit' && <p dir="auto">{step.content}</p>}
      {!message.recalled_at && (
        <Button size="small" icon={<RotateCw size={14} />} onClick={() => actions.retry(step.id)}>
          {t('retry')}
        </Button>
      )}
      {step.kind !== 'recall' && (
        <Button size="small" variant="plain" onClick={() => actions.editFailed(item)}>
          {t('edit')}
        </Button>
      )}
      <Button size="small" variant="plain" onClick={() => actions.discard(step.id)}>
        {step.kind === 'send' ? t('delete') : t('leaveIt')}
      </Button>
    </div>
  );
}
