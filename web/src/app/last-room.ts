/** The room this device looked at last. */
const KEY = 'chinwag.room';

export function lastRoom(): number | undefined {
  try {
    const id = Number(localStorage.getItem(KEY));
    return Number.isSafeInteger(id) && id > 0 ? id : undefined;
  } catch {
    return undefined;
  }
}

export function rememberRoom(id: number): void {
  try {
    localStorage.setItem(KEY, String(id));
  } catch {
    // Storage is closed: the next visit starts with the first room.
  }
}
