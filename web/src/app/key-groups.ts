/** The registry in words, for the help and the settings page. */
import { useTranslations } from 'use-intl';
import { BINDINGS, isApple, printed, type Scope } from '../lib/keys';

const SCOPES: readonly Scope[] = ['page', 'composer', 'message'];

export interface KeyGroup {
  title: string;
  keys: readonly { id: string; label: string; keys: string }[];
}

export function useKeyGroups(): readonly KeyGroup[] {
  const t = useTranslations('keys');
  return SCOPES.map((scope) => ({
    title: t(`scope.${scope}`),
    keys: BINDINGS.filter((binding) => binding.scope === scope).map((binding) => ({
      id: `${scope}.${binding.name}`,
      label: t(`action.${binding.name}`),
      keys: printed(binding.keys, isApple),
    })),
  }));
}
