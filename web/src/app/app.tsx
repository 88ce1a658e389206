/** The whole client: words, the state of the session, and what stands on the page for it. */
import { useEffect, useState } from 'react';
import { IntlProvider, useTranslations } from 'use-intl';
import { Route, Switch } from 'wouter';
import { useLook, useSession } from '../state';
import { Boundary, ErrorState, installTooltip, lazyPart, preloadParts, ToastRegion } from '../ui';
import { recognise } from './session';
import { lazyWithWords, speak, useWords } from './words';

const Gate = lazyWithWords(() => import('./gate'));
const Shell = lazyPart(() => import('./shell'));
const Kit = lazyWithWords(() => import('./kit'), { onlyOnDemand: true });

export function App() {
  const locale = useLook((look) => look.locale);
  const words = useWords((state) => state.words);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another language is what this answers to
  useEffect(() => void speak(), [locale]);

  useEffect(() => installTooltip(), []);
  useEffect(() => {
    const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 1500));
    // The gate is among them: who logs out without a network stands before it, too.
    idle(() => void preloadParts());
  }, []);

  if (!words) return null;
  return (
    <IntlProvider
      locale={words.locale}
      messages={words.messages}
      timeZone={Intl.DateTimeFormat().resolvedOptions().timeZone}
    >
      <Boundary>
        <Switch>
          <Route path="/_kit/*?">
            <Kit />
          </Route>
          <Route>
            <Page />
          </Route>
        </Switch>
      </Boundary>
      <ToastRegion />
    </IntlProvider>
  );
}

function Page() {
  const status = useSession((session) => session.status);
  switch (status) {
    case 'unknown':
      return null;
    case 'unreachable':
      return <Unreachable />;
    case 'anonymous':
      return <Gate />;
    case 'active':
    case 'ended':
      return <Shell />;
  }
}

function Unreachable() {
  const t = useTranslations('app');
  const [busy, setBusy] = useState(false);
  const retry = async () => {
    setBusy(true);
    await recognise();
    setBusy(false);
  };
  return (
    <main className="alone">
      <ErrorState title={t('unreachable')} busy={busy} onRetry={() => void retry()}>
        {t('unreachableHint')}
      </ErrorState>
    </main>
  );
}
