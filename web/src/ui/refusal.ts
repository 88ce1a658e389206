/** What to tell a person about a call that the server refused: in their language where it has words for it. */
import { useCallback } from 'react';
import { useTranslations } from 'use-intl';

/** As the server refuses; `status` 0 and its like mean that it was never reached. */
export interface Refused {
  readonly code: string;
  readonly message: string;
  readonly unreachable?: boolean;
  readonly fields?: Readonly<Record<string, readonly string[]>>;
}

export interface Refusals {
  /** The whole refusal in one sentence or two; `otherwise` where the server never spoke. */
  say(cause: unknown, otherwise: string): string;
  /** What is wrong with this field, if anything is. */
  ofField(cause: unknown, field: string): string | undefined;
}

function isRefused(cause: unknown): cause is Refused {
  return typeof cause === 'object' && cause !== null && 'code' in cause && 'message' in cause;
}

export function useRefusals(): Refusals {
  const t = useTranslations();
  const own = useCallback(
    (kind: 'code' | 'field', word: string): string | undefined => {
      const key = `refusal.${kind}.${word}`;
      return known(t, key) ? t(key) : undefined;
    },
    [t],
  );
  const ofField = useCallback(
    (cause: unknown, field: string) => {
      const sentences = isRefused(cause) ? cause.fields?.[field] : undefined;
      return sentences?.length ? (own('field', field) ?? sentences.join(' ')) : undefined;
    },
    [own],
  );
  const say = useCallback(
    (cause: unknown, otherwise: string) => {
      if (!isRefused(cause) || cause.unreachable) return otherwise;
      const fields = Object.keys(cause.fields ?? {}).flatMap((field) => ofField(cause, field) ?? []);
      return fields.join(' ') || own('code', cause.code) || cause.message || otherwise;
    },
    [own, ofField],
  );
  return { say, ofField };
}

type Translate = ReturnType<typeof useTranslations<never>>;

function known(t: Translate, key: string): key is Parameters<Translate['has']>[0] {
  return t.has(key as Parameters<Translate['has']>[0]);
}
