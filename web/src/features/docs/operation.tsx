import { ChevronRight, Lock } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Pill, Tabs } from '../../ui';
import { Fields } from './fields';
import { Code } from './json';
import {
  addressOf,
  answerType,
  bodyOf,
  curlOf,
  type Document,
  exampleOf,
  hasFields,
  type Operation,
  typeOf,
} from './openapi';
import { Prose } from './prose';
import { type Credential, TryIt } from './try-it';

export function Method({ method }: { method: string }) {
  return (
    <span className="docs-method" data-method={method}>
      {method.toUpperCase()}
    </span>
  );
}

interface OperationViewProps {
  doc: Document;
  operation: Operation;
  open: boolean;
  onToggle: (open: boolean) => void;
  credential: Credential;
}

/** One call: what it takes, what it gives, how to try it. Closed it is one line. */
export function OperationView({ doc, operation, open, onToggle, credential }: OperationViewProps) {
  const t = useTranslations('docs');
  return (
    <details
      id={operation.id}
      className="docs-operation"
      open={open}
      onToggle={(event) => onToggle(event.currentTarget.open)}
    >
      <summary>
        <Method method={operation.method} />
        <code>{operation.path}</code>
        <span>{operation.summary}</span>
        {operation.credentials.length > 0 && (
          <span className="docs-lock" role="img" aria-label={t('needsLogin')} data-tip={t('needsLogin')}>
            <Lock aria-hidden="true" />
          </span>
        )}
        <ChevronRight aria-hidden="true" className="docs-more" />
      </summary>
      {open && <OperationBody doc={doc} operation={operation} credential={credential} />}
    </details>
  );
}

function OperationBody({
  doc,
  operation,
  credential,
}: {
  doc: Document;
  operation: Operation;
  credential: Credential;
}) {
  const t = useTranslations('docs');
  const [view, setView] = useState<'about' | 'try'>('about');
  const placeholders = Object.fromEntries(
    operation.parameters.filter((one) => one.in === 'path').map((one) => [one.name, '1']),
  );
  const body = operation.body ? JSON.stringify(bodyOf(doc, operation.body)) : undefined;
  const success = operation.responses.find((response) => response.status.startsWith('2'));
  return (
    <div className="docs-operation-body">
      {operation.description && <Prose text={operation.description} />}
      <Tabs
        label={operation.summary}
        value={view}
        tabs={[
          { value: 'about', label: t('about') },
          { value: 'try', label: t('try') },
        ]}
        onChange={setView}
      >
        {view === 'try' ? (
          <TryIt doc={doc} operation={operation} credential={credential} />
        ) : (
          <div className="docs-columns">
            <div className="docs-stack">
              {operation.parameters.length > 0 && (
                <section>
                  <h3>{t('parameters')}</h3>
                  <ul className="docs-fields">
                    {operation.parameters.map((parameter) => (
                      <li key={parameter.in + parameter.name}>
                        <p className="docs-field">
                          <code>{parameter.name}</code>
                          <span>{parameter.schema ? typeOf(doc, parameter.schema) : 'string'}</span>
                          <span>{t(`in.${parameter.in}`)}</span>
                          {!parameter.required && <em>{t('optional')}</em>}
                        </p>
                        {parameter.description && <Prose text={parameter.description} />}
                      </li>
                    ))}
                  </ul>
                </section>
              )}
              {operation.body && (
                <section>
                  <h3>{t('body')}</h3>
                  <Fields doc={doc} schema={operation.body} />
                </section>
              )}
              <section>
                <h3>{t('answers')}</h3>
                <ul className="docs-answers">
                  {operation.responses.map((response) => (
                    <li key={response.status}>
                      <Pill tone={response.status.startsWith('2') ? 'ok' : 'danger'}>{response.status}</Pill>
                      <div>
                        {response.description && <Prose text={response.description} />}
                        {response.schema && hasFields(doc, response.schema) ? (
                          <details>
                            <summary>{answerType(doc, response.schema)}</summary>
                            <Fields doc={doc} schema={response.schema} />
                          </details>
                        ) : (
                          <span className="docs-media">{response.media ?? t('noBody')}</span>
                        )}
                      </div>
                    </li>
                  ))}
                </ul>
              </section>
            </div>
            <div className="docs-stack">
              <Code
                label={t('command')}
                text={curlOf(operation, addressOf(operation, placeholders), location.origin, body, true)}
              />
              {success?.schema && (
                <Code
                  label={t('answer', { status: success.status })}
                  text={JSON.stringify(exampleOf(doc, success.schema), null, 2)}
                  json
                />
              )}
            </div>
          </div>
        )}
      </Tabs>
    </div>
  );
}
