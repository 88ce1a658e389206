/** Turns a refused call into what a form shows: a sentence per field, or one for the whole form. */
import type { ProblemKey } from './rules';

/** What a call throws when the server says no; `status` 0 when it could not be asked. */
export interface Refusal {
  status: number;
  error: string;
  message: string;
  fields?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Seconds. */
  retryAfter?: number | undefined;
}

/** Either a key of our own messages or a sentence the server wrote. */
export type Problem = { key: ProblemKey | FormProblemKey; seconds?: number } | { text: string };

export type FormProblemKey =
  | 'unreachable'
  | 'badCredentials'
  | 'tooFast'
  | 'registrationClosed'
  | 'linkUsed'
  | 'badOrigin'
  | 'server'
  | 'unknown';

export interface Problems {
  fields: Partial<Record<string, Problem>>;
  form?: Problem;
}

export const NO_PROBLEMS: Problems = { fields: {} };

function isRefusal(cause: unknown): cause is Refusal {
  return typeof cause === 'object' && cause !== null && 'status' in cause && 'error' in cause;
}

/** `known` are the fields the form has; a sentence about any other one is shown for the whole form. */
export function problemsOf(cause: unknown, known: readonly string[]): Problems {
  if (!isRefusal(cause)) return { fields: {}, form: { key: 'unknown' } };
  switch (cause.error) {
    case 'username_taken':
      return { fields: { username: { key: 'nameTaken' } } };
    case 'email_taken':
      return { fields: { email: { key: 'emailTaken' } } };
    case 'bad_credentials':
      return { fields: {}, form: { key: 'badCredentials' } };
    case 'rate_limited':
      return { fields: {}, form: { key: 'tooFast', seconds: cause.retryAfter ?? 60 } };
    case 'registration_closed':
      return { fields: {}, form: { key: 'registrationClosed' } };
    case 'bad_origin':
      return { fields: {}, form: { key: 'badOrigin' } };
  }
  if (cause.status === 0) return { fields: {}, form: { key: 'unreachable' } };
  if (cause.status >= 500) return { fields: {}, form: { key: 'server' } };
  const fields: Partial<Record<string, Problem>> = {};
  const rest: string[] = [];
  for (const [field, sentences] of Object.entries(cause.fields ?? {})) {
    const text = sentences.join(' ');
    if (known.includes(field)) fields[field] = { text };
    else rest.push(text);
  }
  if (rest.length > 0) return { fields, form: { text: rest.join(' ') } };
  if (Object.keys(fields).length > 0) return { fields };
  return { fields, form: cause.message ? { text: cause.message } : { key: 'unknown' } };
}
