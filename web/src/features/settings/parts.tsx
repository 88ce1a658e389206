import { Check, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useRefusals } from '../../ui';
import type { SaveState } from './autosave';

/** A titled part of a page of settings. */
export function Part({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <section className="set-part">
      <h2>{title}</h2>
      {lead && <p className="set-lead">{lead}</p>}
      {children}
    </section>
  );
}

/** Whether what was typed is kept: "Saved", quietly. */
export function SaveMark({ state, cause }: { state: SaveState; cause: unknown }) {
  const t = useTranslations('settings.save');
  const refusals = useRefusals();
  return (
    <p className="set-save" data-state={state} role="status">
      {state === 'saved' && <Check aria-hidden="true" />}
      {state === 'failed' && <TriangleAlert aria-hidden="true" />}
      {state === 'failed'
        ? refusals.say(cause, t('failed'))
        : state === 'saving'
          ? t('saving')
          : state === 'saved'
            ? t('saved')
            : null}
    </p>
  );
}
