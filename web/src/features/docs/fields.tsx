import { useTranslations } from 'use-intl';
import { type Document, fieldsOf, type Schema } from './openapi';
import { Prose } from './prose';

const DEEPEST = 4;

/** The fields of an object; those that have fields of their own open. */
export function Fields({ doc, schema, depth = 0 }: { doc: Document; schema: Schema; depth?: number }) {
  const t = useTranslations('docs');
  const fields = fieldsOf(doc, schema);
  if (fields.length === 0) return null;
  return (
    <ul className="docs-fields">
      {fields.map((field) => (
        <li key={field.name}>
          <p className="docs-field">
            <code>{field.name}</code>
            <span>{field.type}</span>
            {!field.required && <em>{t('optional')}</em>}
          </p>
          {field.description && <Prose text={field.description} />}
          {field.inner && depth < DEEPEST && (
            <details>
              <summary>{t('fieldsOf', { name: field.name })}</summary>
              <Fields doc={doc} schema={field.inner} depth={depth + 1} />
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}
