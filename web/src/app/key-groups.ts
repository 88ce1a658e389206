/** The registry in words, for the help and the settings page. */
import { useTranslations } from 'use-intl';
import { isRowAction } from '../features/timeline';
import { bindingsOf, keysOf, useOwnKeys } from '../lib/keys';

/** What a person may want to look up, and may give other keys; the keys of a list in front of one are those of every list. */
const SCOPES = ['page', 'composer', 'message'] as const;

export interface KeyGroup {
  scope: (typeof SCOPES)[number];
  title: string;
  keys: readonly { name: string; label: string; keys: string; own: boolean }[];
}

export function useKeyGroups(): readonly KeyGroup[] {
  const t = useTranslations('keys');
  const deeds = useTranslations('timeline');
  const own = useOwnKeys();
  return SCOPES.map((scope) => ({
    scope,
    title: t(`scope.${scope}`),
    keys: bindingsOf(scope).map(({ name }) => ({
      name,
      label: isRowAction(name) ? deeds(name) : t(`action.${name}`),
      keys: keysOf(scope, name),
      own: `${scope}.${name}` in own,
    })),
  }));
}
