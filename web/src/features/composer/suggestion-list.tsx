/** The list above the field while `@…` or `:…` is typed. The field keeps the focus. */
import { Users } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Avatar } from '../../ui';
import type { Choice } from './suggestions';

export function Suggestions({
  id,
  choices,
  active,
  onPick,
  onHover,
}: {
  id: string;
  choices: readonly Choice[];
  active: number;
  onPick(choice: Choice): void;
  onHover(index: number): void;
}) {
  const t = useTranslations('composer');
  return (
    <div className="cp-list" role="listbox" id={id} aria-label={t('suggestions')}>
      {choices.map((choice, index) => (
        <div
          key={choice.kind === 'person' ? choice.id : choice.kind === 'emoji' ? choice.emoji : 'everyone'}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          className="cp-option"
          // The field must not lose the focus to a click.
          onPointerDown={(event) => {
            event.preventDefault();
            onPick(choice);
          }}
          onPointerMove={() => onHover(index)}
        >
          {choice.kind === 'person' && (
            <>
              <Avatar id={choice.id} name={choice.name} size={24} src={choice.picture} />
              <span>{choice.name}</span>
              {choice.name !== choice.username && <small>@{choice.username}</small>}
            </>
          )}
          {choice.kind === 'everyone' && (
            <>
              <Users size={18} aria-hidden="true" />
              <span>@room</span>
              <small>{t('everyone')}</small>
            </>
          )}
          {choice.kind === 'emoji' && (
            <>
              <span className="cp-emoji" aria-hidden="true">
                {choice.picture ? <img src={choice.picture} alt="" draggable={false} /> : choice.emoji}
              </span>
              <span>:{choice.name}:</span>
            </>
          )}
        </div>
      ))}
    </div>
  );
}
