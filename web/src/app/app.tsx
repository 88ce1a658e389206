/** The whole client: words, the state of the session, and what stands on the page for it. */
import { useEffect, useRef, useState } from 'react';
import { IntlProvider, useTranslations } from 'use-intl';
import { Route, Router, Switch } from 'wouter';
import { stepFrom } from '../lib/back';
import { type Loads, useLoads, useLook, useSession } from '../state';
import { Boundary, ErrorState, lazyCode, lazyPart, preloadParts } from '../ui';
import { keepPage } from './build';
import { recognise } from './session';
import { lazyWithWords, speak, useWords } from './words';

const Gate = lazyWithWords(() => import('./gate'));
const Shell = lazyPart(() => import('./shell'));
const furniture = lazyCode(() => import('./furniture'));
const ToastRegion = lazyPart(() => import('../ui/toast-region'), { wanted: ({ ready }) => ready, place: 'notice' });
const Kit = lazyWithWords(() => import('./kit'), { onlyOnDemand: true });

export function App() {
  const locale = useLook((look) => look.locale);
  const words = useWords((state) => state.words);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another language is what this answers to
  useEffect(() => {
    speak().catch(() => {
      // Without words there is nothing to say, but for what the page itself has.
      if (!useWords.getState().words) document.documentElement.dataset.stuck = '';
    });
  }, [locale]);

  const stands = useStands();
  // Once: the page waits and stands again with every part of a history that is fetched.
  const furnished = useRef(false);
  useEffect(() => {
    if (!stands || furnished.current) return;
    furnished.current = true;
    const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 1500));
    idle(() => {
      // Without tips each control still has its label, and each person their username.
      furniture().then(
        ({ furnish }) => furnish(),
        () => undefined,
      );
      // The gate is among the parts: who logs out without a network stands before it, too.
      void preloadParts().then(keepPage);
    });
  }, [stands]);

  if (!words) return null;
  return (
    <IntlProvider locale={words.locale} messages={words.messages}>
      <Boundary>
        <Router aroundNav={stepFrom}>
          <Switch>
            <Route path="/_kit/*?">
              <Kit />
            </Route>
            <Route>
              <Page />
            </Route>
          </Switch>
        </Router>
      </Boundary>
      <ToastRegion ready={stands} />
    </IntlProvider>
  );
}

/** Whether all that is wanted now has come: only then may be fetched what may be wanted later. */
function useStands(): boolean {
  const loading = useLoads(
    ({ rooms, history }: Loads) => rooms !== 'ready' || Object.values(history).some((one) => one === 'loading'),
  );
  const status = useSession((session) => session.status);
  return status === 'anonymous' || status === 'unreachable' || (status !== 'unknown' && !loading);
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
