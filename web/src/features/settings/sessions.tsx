import { Laptop, LogOut, Smartphone } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { SessionRow } from '../../net/http';
import { Button, ConfirmDialog, ErrorState, IconButton, Pill, SkeletonRows, toast, useAgo } from '../../ui';
import { deviceOf } from './device';
import { Part } from './parts';

export interface SessionCalls {
  list: () => Promise<readonly SessionRow[]>;
  end: (id: string) => Promise<unknown>;
  endOthers: () => Promise<unknown>;
}

const PHONE = /android|iphone|ipad|mobile|phone/i;

/** Where this account is logged in; each place can be logged out. */
export function Sessions({ calls }: { calls: SessionCalls }) {
  const t = useTranslations('settings.sessions');
  const ago = useAgo();
  const [rows, setRows] = useState<readonly SessionRow[]>();
  const [failed, setFailed] = useState(false);
  const [asking, setAsking] = useState(false);

  const load = useCallback(async () => {
    setFailed(false);
    try {
      setRows(await calls.list());
    } catch {
      setFailed(true);
    }
  }, [calls]);

  useEffect(() => {
    void load();
  }, [load]);

  const end = async (row: SessionRow) => {
    try {
      await calls.end(row.id);
      setRows((all) => all?.filter((one) => one.id !== row.id));
      toast({ tone: 'ok', text: t('ended') });
    } catch {
      toast({ tone: 'error', text: t('endFailed') });
    }
  };

  const endOthers = async () => {
    try {
      await calls.endOthers();
      setRows((all) => all?.filter((one) => one.current));
      toast({ tone: 'ok', text: t('othersEnded') });
    } catch {
      toast({ tone: 'error', text: t('endFailed') });
    }
  };

  const nameOf = (agent: string) => {
    const { browser, system } = deviceOf(agent);
    if (browser && system) return t('device', { browser, system });
    return browser ?? system ?? (agent || t('unknownDevice'));
  };

  const others = rows?.filter((row) => !row.current).length ?? 0;
  return (
    <Part title={t('title')} lead={t('lead')}>
      {failed && <ErrorState title={t('loadFailed')} onRetry={() => void load()} />}
      {!rows && !failed && <SkeletonRows rows={2}>{t('loading')}</SkeletonRows>}
      {rows && (
        <ul className="set-rows">
          {rows.map((row) => (
            <li key={row.id}>
              <span className="set-rows-icon">
                {PHONE.test(row.device) ? <Smartphone aria-hidden="true" /> : <Laptop aria-hidden="true" />}
              </span>
              <div>
                <p>
                  <b data-tip={row.device}>{nameOf(row.device)}</b>{' '}
                  {row.current && <Pill tone="accent">{t('current')}</Pill>}
                </p>
                <p className="set-rows-sub">
                  {row.current
                    ? t('here', { address: row.address })
                    : t('seen', { address: row.address, when: ago(row.last_seen) })}
                </p>
              </div>
              {!row.current && (
                <IconButton label={t('end', { device: nameOf(row.device) })} onClick={() => void end(row)}>
                  <LogOut aria-hidden="true" />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
      )}
      {others > 0 && (
        <div>
          <Button onClick={() => setAsking(true)}>{t('endOthers', { count: others })}</Button>
        </div>
      )}
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('askTitle')}
        confirmLabel={t('askConfirm')}
        onConfirm={endOthers}
      >
        {t('askText')}
      </ConfirmDialog>
    </Part>
  );
}
