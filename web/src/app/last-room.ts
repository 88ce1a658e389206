/** The room this device looked at last, and the one before it. */
const KEY = 'chinwag.room';

function rooms(): readonly number[] {
  try {
    const ids = (localStorage.getItem(KEY) ?? '').split(' ').map(Number);
    return ids.filter((id) => Number.isSafeInteger(id) && id > 0);
  } catch {
    return [];
  }
}

export function lastRoom(): number | undefined {
  return rooms()[0];
}

/** Where one was before: the way back. */
export function previousRoom(): number | undefined {
  return rooms()[1];
}

export function rememberRoom(id: number): void {
  const [last] = rooms();
  if (last === id) return;
  try {
    localStorage.setItem(KEY, last === undefined ? `${id}` : `${id} ${last}`);
  } catch {
    // Storage is closed: the next visit starts with the first room.
  }
}
