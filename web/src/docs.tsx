/** The page at `/api/docs`: a second entry that shares the kit and the words with the client, and nothing else. */
import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { IntlProvider } from 'use-intl';
import './ui/tokens.css';
import './ui/base.css';
import { loadMessages, type Messages } from './app/i18n';
import { hadSession } from './app/last-session';
import { startLook } from './app/look';
import { type ApiDocument, DocsPage } from './features/docs';
import { useLook } from './state';
import { installTooltip } from './ui/tooltip';

async function fetchDocument(): Promise<ApiDocument> {
  const response = await fetch('/api/openapi.json');
  if (!response.ok) throw new Error(`the document answered ${response.status}`);
  return (await response.json()) as ApiDocument;
}

/** The name of whoever is logged in here; a stranger may read the page too. */
async function fetchName(): Promise<string | undefined> {
  if (!hadSession()) return undefined;
  const response = await fetch('/api/auth/userinfo');
  if (!response.ok) return undefined;
  const { data } = (await response.json()) as { data?: { username?: string } };
  return data?.username;
}

function Docs({ first }: { first: Partial<Messages> }) {
  const locale = useLook((look) => look.locale);
  const [messages, setMessages] = useState(first);
  const [doc, setDoc] = useState<ApiDocument>();
  const [failed, setFailed] = useState(false);
  const [name, setName] = useState<string>();

  useEffect(() => {
    let current = true;
    void loadMessages(locale).then((words) => current && setMessages(words));
    return () => {
      current = false;
    };
  }, [locale]);

  const load = () => {
    setFailed(false);
    fetchDocument().then(setDoc, () => setFailed(true));
  };
  useEffect(() => {
    fetchDocument().then(setDoc, () => setFailed(true));
    fetchName().then(setName, () => undefined);
  }, []);

  return (
    <IntlProvider locale={locale} messages={messages}>
      <DocsPage
        doc={doc}
        failed={failed}
        onRetry={load}
        loggedInAs={name}
        locale={locale}
        onLocale={(next) => useLook.setState({ locale: next })}
      />
    </IntlProvider>
  );
}

startLook();
const first = await loadMessages(useLook.getState().locale);
const root = document.getElementById('app');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Docs first={first} />
    </StrictMode>,
  );
  installTooltip();
}
