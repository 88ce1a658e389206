import { RotateCcw } from 'lucide-react';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { isApple } from '../../lib/keys';
import {
  type ChosenScope,
  choose,
  goesOn,
  leaves,
  type Refusal,
  reset,
  resetAll,
  strokeName,
} from '../../lib/keys/record';
import { printed } from '../../lib/keys/registry';
import { Button, IconButton, Kbd } from '../../ui';
import { Part } from './parts';

export interface KeyGroup {
  scope: ChosenScope;
  title: string;
  keys: readonly { name: string; label: string; keys: string; own: boolean }[];
}

/** What is done about keys now: of which action, and why it does not go. */
interface Doing {
  readonly scope: ChosenScope;
  readonly name: string;
  readonly records: boolean;
  readonly refusal?: string | undefined;
}

/** Every shortcut, as the registry has it; each can be given other keys. */
export function KeyboardPage({ groups }: { groups: readonly KeyGroup[] }) {
  const t = useTranslations('settings.keyboard');
  const [doing, setDoing] = useState<Doing>();
  const [told, setTold] = useState('');
  const how = useId();
  const page = useRef<HTMLDivElement>(null);

  const labelOf = (scope: ChosenScope, name: string) =>
    groups.find((group) => group.scope === scope)?.keys.find((key) => key.name === name)?.label ?? '';
  const say = (refusal: Refusal, keys: string): string =>
    refusal.why === 'taken'
      ? t('refused.taken', { keys, label: labelOf(refusal.scope, refusal.name) })
      : t(`refused.${refusal.why}`, { keys, command: printed('Mod', isApple), alt: printed('Alt', isApple) });

  const onKeyDown = (scope: ChosenScope, name: string, event: KeyboardEvent) => {
    if (!doing?.records) return;
    const keys = strokeName(event.nativeEvent, isApple);
    if (keys !== undefined && goesOn(keys)) return;
    event.preventDefault();
    event.stopPropagation();
    // The key that began it is still held.
    if (event.repeat) return;
    if (keys !== undefined && leaves(keys)) {
      setDoing(undefined);
      return;
    }
    if (keys === undefined) return;
    const refusal = choose(scope, name, keys, isApple);
    if (refusal) {
      setDoing({ ...doing, refusal: say(refusal, printed(keys, isApple)) });
      return;
    }
    setDoing(undefined);
    setTold(t('changed', { label: labelOf(scope, name), keys: printed(keys, isApple) }));
  };

  const takeBack = (scope: ChosenScope, name: string) => {
    const { keys, refusal } = reset(scope, name, isApple);
    const shown = printed(keys, isApple);
    setDoing(refusal && { scope, name, records: false, refusal: say(refusal, shown) });
    if (refusal) return;
    setTold(t('changed', { label: labelOf(scope, name), keys: shown }));
    // The button that was pressed is gone.
    page.current?.querySelector<HTMLElement>(`[data-key="${scope}.${name}"]`)?.focus();
  };

  const anyOwn = groups.some((group) => group.keys.some((key) => key.own));
  return (
    <div ref={page} className="set-keyboard">
      <div className="set-part">
        <p className="set-lead">{t('lead')}</p>
        <p className="set-lead" id={how}>
          {t('choose')}
        </p>
        {anyOwn && (
          <div>
            <Button
              icon={<RotateCcw size={16} />}
              onClick={() => {
                resetAll();
                setDoing(undefined);
                setTold(t('allReset'));
                page.current?.querySelector<HTMLElement>('[data-key]')?.focus();
              }}
            >
              {t('resetAll')}
            </Button>
          </div>
        )}
      </div>
      <p className="ui-hidden" role="status">
        {told}
      </p>
      {groups.map(({ scope, title, keys: all }) => (
        <Part key={scope} title={title}>
          <dl className="set-keys">
            {all.map(({ name, label, keys, own }) => {
              const mine = doing?.scope === scope && doing.name === name ? doing : undefined;
              return (
                <div key={name}>
                  <dt>{label}</dt>
                  <dd>
                    {own && (
                      <IconButton size="small" label={t('reset', { label })} onClick={() => takeBack(scope, name)}>
                        <RotateCcw size={15} />
                      </IconButton>
                    )}
                    <button
                      type="button"
                      className="set-key"
                      data-key={`${scope}.${name}`}
                      aria-describedby={how}
                      aria-pressed={mine?.records ?? false}
                      onClick={() => setDoing({ scope, name, records: true })}
                      onBlur={() => mine?.records && setDoing(undefined)}
                      onKeyDown={(event) => onKeyDown(scope, name, event)}
                    >
                      {mine?.records ? (
                        t('press')
                      ) : (
                        <>
                          <span className="ui-hidden">{label} </span>
                          <Kbd keys={keys} />
                        </>
                      )}
                    </button>
                    {mine?.refusal && (
                      <p className="set-key-refusal" role="alert">
                        {mine.refusal}
                      </p>
                    )}
                  </dd>
                </div>
              );
            })}
          </dl>
        </Part>
      ))}
    </div>
  );
}
