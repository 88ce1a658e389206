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

/** `leaving`: logged out here, but the server does not know yet, and its cookie still opens the door. */
export function noteSession(state: 'yes' | 'leaving' | 'no'): void {
  try {
    if (state === 'no') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, state);
  } catch {
    // Storage is closed: every visit asks.
  }
}

export function isLeaving(): boolean {
  try {
    return localStorage.getItem(KEY) === 'leaving';
  } catch {
    return false;
  }
}
