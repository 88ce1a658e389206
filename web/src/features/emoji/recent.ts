/** The emoji this device used last, newest first. A convenience: where storage is closed there are none. */

const KEY = 'chinwag.emoji';
const LIMIT = 18;

export function recentEmoji(): readonly string[] {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(saved) ? saved.filter((one) => typeof one === 'string').slice(0, LIMIT) : [];
  } catch {
    return [];
  }
}

export function rememberEmoji(emoji: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([emoji, ...recentEmoji().filter((one) => one !== emoji)].slice(0, LIMIT)));
  } catch {
    // Nothing depends on it.
  }
}
