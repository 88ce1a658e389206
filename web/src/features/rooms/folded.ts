/** Which sections of the list are closed on this device. */
import { useState } from 'react';

const KEY = 'chinwag.folded';

function saved(): readonly string[] {
  try {
    return (localStorage.getItem(KEY) ?? '').split(' ').filter(Boolean);
  } catch {
    return [];
  }
}

/** Whether this section is open, and what opens or closes it. */
export function useOpen(section: string): readonly [boolean, (open: boolean) => void] {
  const [open, setOpen] = useState(() => !saved().includes(section));
  const set = (next: boolean) => {
    setOpen(next);
    const others = saved().filter((one) => one !== section);
    const folded = next ? others : [...others, section];
    try {
      if (folded.length === 0) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, folded.join(' '));
    } catch {
      // Storage is closed: the section stays so as long as the page.
    }
  };
  return [open, set];
}
