/** What the connection is doing, above the composer: nothing for three seconds, then the truth, and one line at the end. */
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { socket } from '../net';
import { useConnection } from '../state';
import { Banner, Button } from '../ui';

const PATIENCE_MS = 3000;
const CAUGHT_UP_MS = 2500;

/** Now, once a second, while it matters. */
function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

export default function ConnectionBar(_: { down: boolean }) {
  const t = useTranslations('connection');
  const { link, downSince, caughtUpAt, online } = useConnection();
  const now = useNow(downSince !== null || caughtUpAt !== null);
  const waited = downSince !== null && now - downSince >= PATIENCE_MS;

  if (caughtUpAt !== null && downSince === null && now - caughtUpAt < CAUGHT_UP_MS) {
    return (
      <Banner slim tone="ok" className="conn">
        {t('caughtUp')}
      </Banner>
    );
  }
  // Where the browser knows of no network either, that needs no patience.
  const lost = downSince !== null && !online;
  if ((!waited && !lost) || link.phase === 'idle' || link.phase === 'ended' || link.phase === 'connected') return null;
  const seconds = link.phase === 'reconnecting' ? Math.max(1, Math.ceil((link.retryAt - now) / 1000)) : undefined;
  const text = () => {
    if (lost) return t('offline');
    return link.crowded ? t('crowded') : t('reconnecting', { attempt: link.attempt });
  };
  return (
    <Banner
      slim
      tone="warning"
      className="conn"
      action={
        link.phase === 'reconnecting' && (
          <Button size="small" variant="plain" data-testid="retry-now" onClick={() => socket.retryNow()}>
            {link.crowded ? t('here') : t('retryNow', { seconds: seconds ?? 1 })}
          </Button>
        )
      }
    >
      {text()}
    </Banner>
  );
}
