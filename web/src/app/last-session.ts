/**
 * Whether this browser had a session here. Nothing secret: the cookie is the session, and scripts cannot see it; this
 * only spares the next visit the question whether there is one.
 */
const KEY = 'chinwag.session';

export function hadSession(): boolean {
  try {
    return localStorage.getItem(KEY) === 'yes';
  } catch {
    return true;
  }
}

export function noteSession(active: boolean): void {
  try {
    if (active) localStorage.setItem(KEY, 'yes');
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is closed: every visit asks.
  }
}
