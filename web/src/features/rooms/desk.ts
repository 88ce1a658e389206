/** How the list on the desk is arranged, and what it shows: whoever steps from room to room follows it. */
import { create } from 'zustand';

export type Sort = 'recent' | 'name';

interface Desk {
  /** Kept on this device. */
  readonly sort: Sort;
  readonly unreadOnly: boolean;
  /** The rooms as they stand in the list. */
  readonly shown: readonly number[];
}

const KEY = 'chinwag.sort';

function saved(): Sort {
  try {
    return localStorage.getItem(KEY) === 'name' ? 'name' : 'recent';
  } catch {
    return 'recent';
  }
}

export const useDesk = create<Desk>(() => ({ sort: saved(), unreadOnly: false, shown: [] }));

export function sortRooms(sort: Sort): void {
  useDesk.setState({ sort });
  try {
    if (sort === 'recent') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, sort);
  } catch {
    // Storage is closed: the order lasts as long as the page.
  }
}

export function showUnreadOnly(unreadOnly: boolean): void {
  useDesk.setState({ unreadOnly });
}
