/** The registry in words, for the help and the settings page. */
import { useTranslations } from 'use-intl';
import { isRowAction } from '../features/timeline';
import { bindingsOf, keysOf } from '../lib/keys';

/** What a person may want to look up; the keys of a list in front of one are those of every list. */
const SCOPES = ['page', 'composer', 'message'] as const;

export interface KeyGroup {
  title: string;
  keys: readonly { id: string; label: string; keys: string }[];
}

export function useKeyGroups(): readonly KeyGroup[] {
  const t = useTranslations('keys');
  const deeds = useTranslations('timeline');
  return SCOPES.map((scope) => ({
    title: t(`scope.${scope}`),
    keys: bindingsOf(scope).map(({ name }) => ({
      id: `${scope}.${name}`,
      label: isRowAction(name) ? deeds(name) : t(`action.${name}`),
      keys: keysOf(scope, name),
    })),
  }));
}
