/** The whole client: words, the state of the session, and what stands on the page for it. */
import { lazy, Suspense, useEffect, useState } from 'react';
import { IntlProvider, useTranslations } from 'use-intl';
import { Route, Switch } from 'wouter';
import { useLook, useSession } from '../state';
import { ErrorState, installTooltip, preloadOverlays, ToastRegion } from '../ui';
import { Boundary } from './boundary';
import { recognise } from './session';
import { lazyWithWords, speak, speakAll, useWords } from './words';

const loadGate = () => import('./gate');
const Gate = lazyWithWords(loadGate);
const Shell = lazy(() => import('./shell'));
const Kit = lazyWithWords(() => import('./kit'));

export function App() {
  const locale = useLook((look) => look.locale);
  const words = useWords((state) => state.words);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another language is what this answers to
  useEffect(() => void speak(), [locale]);

  useEffect(() => installTooltip(), []);
  useEffect(() => {
    const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 1500));
    idle(() => {
      preloadOverlays();
      void speakAll();
      // Who logs out without a network stands before the gate, too.
      loadGate().catch(() => undefined);
    });
  }, []);

  if (!words) return null;
  return (
    <IntlProvider
      locale={words.locale}
      messages={words.messages}
      timeZone={Intl.DateTimeFormat().resolvedOptions().timeZone}
    >
      <Boundary>
        <Suspense fallback={null}>
          <Switch>
            <Route path="/_kit/*?">
              <Kit />
            </Route>
            <Route>
              <Page />
            </Route>
          </Switch>
        </Suspense>
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
