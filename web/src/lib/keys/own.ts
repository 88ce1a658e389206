/** The keys that a person has chosen for themselves, by place and action (`page.jump`). They belong to the device, like its keyboard. */
import { create } from 'zustand';

export type OwnKeys = Readonly<Record<string, string>>;

const KEPT = 'chinwag.keys';

function kept(): OwnKeys {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEPT) ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, keys]) => typeof keys === 'string' && keys !== ''));
  } catch {
    // Storage is closed, or what is in it is not ours: the keys are those of everybody.
    return {};
  }
}

export const useOwnKeys = create<OwnKeys>(() => kept());

/** From here on these are the person's keys, in every tab. */
export function chooseKeys(own: OwnKeys): void {
  useOwnKeys.setState(own, true);
  try {
    localStorage.setItem(KEPT, JSON.stringify(own));
  } catch {
    // Storage is closed: they last as long as the page.
  }
}

if (typeof window !== 'undefined') {
  window.addEventListener('storage', ({ key }) => {
    if (key === KEPT) useOwnKeys.setState(kept(), true);
  });
}
