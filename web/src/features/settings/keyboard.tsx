import { useTranslations } from 'use-intl';
import { Kbd } from '../../ui';
import { Part } from './parts';

export interface KeyGroup {
  title: string;
  keys: readonly { id: string; label: string; keys: string }[];
}

/** Every shortcut, as the registry has it. */
export function KeyboardPage({ groups }: { groups: readonly KeyGroup[] }) {
  const t = useTranslations('settings.keyboard');
  return (
    <>
      <p className="set-lead">{t('lead')}</p>
      {groups.map((group) => (
        <Part key={group.title} title={group.title}>
          <dl className="set-keys">
            {group.keys.map((key) => (
              <div key={key.id}>
                <dt>{key.label}</dt>
                <dd>
                  <Kbd keys={key.keys} />
                </dd>
              </div>
            ))}
          </dl>
        </Part>
      ))}
    </>
  );
}
