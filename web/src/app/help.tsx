/** All keys of the client, from the registry. */
import { useTranslations } from 'use-intl';
import { Dialog, Kbd } from '../ui';
import { useKeyGroups } from './key-groups';

export function Help({ open, onClose }: { open: boolean; onClose(): void }) {
  const t = useTranslations('keys');
  const groups = useKeyGroups();
  return (
    <Dialog open={open} onClose={onClose} title={t('title')} size="large" className="help-keys" reading>
      {groups.map((group) => (
        <section key={group.title} className="help">
          <h3>{group.title}</h3>
          <dl>
            {group.keys.map((key) => (
              <div key={key.name}>
                <dt>{key.label}</dt>
                <dd>
                  <Kbd keys={key.keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
