import { Play } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Banner, Button, Field, Pill, TextArea } from '../../ui';
import { Code } from './json';
import { addressOf, bodyOf, type Document, type Operation, typeOf } from './openapi';

/** How calls are signed: by the browser's cookie, or by a token that was pasted. */
export type Credential = { kind: 'cookie' } | { kind: 'bearer'; token: string };

interface Answer {
  status: number;
  ms: number;
  text: string;
  json: boolean;
}

export async function send(
  operation: Operation,
  address: string,
  body: string | undefined,
  credential: Credential,
): Promise<Answer> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (credential.kind === 'bearer') headers.authorization = `Bearer ${credential.token.trim()}`;
  const started = performance.now();
  const response = await fetch(address, {
    method: operation.method.toUpperCase(),
    headers,
    body: body ?? null,
    // With a token the cookie stays at home: otherwise nobody could tell which of them was used.
    credentials: credential.kind === 'bearer' ? 'omit' : 'same-origin',
  });
  const text = await response.text();
  const ms = Math.round(performance.now() - started);
  try {
    return { status: response.status, ms, text: JSON.stringify(JSON.parse(text), null, 2), json: true };
  } catch {
    return { status: response.status, ms, text, json: false };
  }
}

/** A form for the call and what the server says to it. */
export function TryIt({ doc, operation, credential }: { doc: Document; operation: Operation; credential: Credential }) {
  const t = useTranslations('docs');
  const [values, setValues] = useState<Record<string, string>>({});
  const [body, setBody] = useState(() =>
    operation.body ? JSON.stringify(bodyOf(doc, operation.body), null, 2) : undefined,
  );
  const [answer, setAnswer] = useState<Answer>();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const parameters = operation.parameters.filter((one) => one.in === 'path' || one.in === 'query');
  const missing = parameters.find((one) => one.in === 'path' && !values[one.name]);

  const run = async () => {
    setProblem(undefined);
    if (missing) {
      setProblem(t('fill', { name: missing.name }));
      return;
    }
    if (body !== undefined) {
      try {
        JSON.parse(body);
      } catch {
        setProblem(t('badJson'));
        return;
      }
    }
    setBusy(true);
    try {
      setAnswer(await send(operation, addressOf(operation, values), body, credential));
    } catch {
      setProblem(t('noAnswer'));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      className="docs-try"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      {operation.method !== 'get' && <Banner tone="warning">{t('real')}</Banner>}
      {parameters.length > 0 && (
        <div className="docs-try-parameters">
          {parameters.map((parameter) => (
            <Field
              key={parameter.in + parameter.name}
              label={parameter.name}
              hint={parameter.schema ? typeOf(doc, parameter.schema) : undefined}
              required={parameter.in === 'path'}
              inputMode={parameter.schema?.type === 'integer' ? 'numeric' : undefined}
              autoComplete="off"
              value={values[parameter.name] ?? ''}
              onChange={(event) => setValues({ ...values, [parameter.name]: event.target.value })}
            />
          ))}
        </div>
      )}
      {body !== undefined && (
        <TextArea
          className="docs-try-body"
          label={t('body')}
          spellCheck={false}
          value={body}
          onChange={(event) => setBody(event.target.value)}
        />
      )}
      <div className="docs-try-send">
        <Button type="submit" variant="primary" icon={<Play aria-hidden="true" />} busy={busy}>
          {t('send')}
        </Button>
        {answer && (
          <p role="status">
            <Pill tone={answer.status < 400 ? 'ok' : 'danger'}>{answer.status}</Pill> {t('took', { ms: answer.ms })}
          </p>
        )}
      </div>
      {problem && <Banner tone="error">{problem}</Banner>}
      {answer && (
        <Code label={t('answer', { status: answer.status })} text={answer.text || t('noBody')} json={answer.json} />
      )}
    </form>
  );
}
