/** Completion of `@name` and `:emoji:`, with its list. It comes once something may be completed; one can write without it. */
import { type Ref, useEffect, useImperativeHandle } from 'react';
import { useTranslations } from 'use-intl';
import { Suggestions } from './suggestion-list';
import { type CompletionKeys, type CompletionOptions, useCompletion } from './use-completion';

/** What the field says of the list that is open beside it. */
export interface OpenList {
  readonly id: string;
  readonly activeId: string;
}

export interface CompletionProps extends CompletionOptions {
  ref: Ref<CompletionKeys>;
  onList(list: OpenList | undefined): void;
}

export default function Completion({ ref, onList, ...options }: CompletionProps) {
  const t = useTranslations('composer');
  const { open, listId, choices, active, activeId, pick, setActive, keys } = useCompletion(options);
  useImperativeHandle(ref, () => keys);
  useEffect(() => onList(open ? { id: listId, activeId } : undefined), [open, listId, activeId, onList]);
  return (
    <>
      {open && <Suggestions id={listId} choices={choices} active={active} onPick={pick} onHover={setActive} />}
      <div className="ui-hidden" aria-live="polite">
        {open ? t('matches', { count: choices.length }) : ''}
      </div>
    </>
  );
}
