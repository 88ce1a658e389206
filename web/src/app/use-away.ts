/** Tells the others when nobody has touched this page for a while, and when somebody does again. */
import { useEffect } from 'react';
import { setPresence } from '../net';
import { useConnection } from '../state';

const AWAY_AFTER_MS = 10 * 60_000;

export function useAway(): void {
  useEffect(() => {
    let away = false;
    let timer: ReturnType<typeof setTimeout>;
    const leave = () => {
      away = true;
      setPresence('away');
    };
    const touch = () => {
      clearTimeout(timer);
      timer = setTimeout(leave, AWAY_AFTER_MS);
      if (!away) return;
      away = false;
      setPresence('online');
    };
    // A new connection begins as online; a page that was away still is.
    const stop = useConnection.subscribe((now, before) => {
      if (away && now.downSince === null && before.downSince !== null) setPresence('away');
    });
    const events = ['pointerdown', 'keydown', 'focus'] as const;
    for (const event of events) window.addEventListener(event, touch, { passive: true });
    touch();
    return () => {
      stop();
      clearTimeout(timer);
      for (const event of events) window.removeEventListener(event, touch);
    };
  }, []);
}
