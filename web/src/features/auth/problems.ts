/** Turns a refused call into what a form shows: a sentence per field, or one for the whole form. */
import { ApiError } from '../../net/http';
import type { Refusals } from '../../ui';
import type { ProblemKey } from './rules';

/** Either a key of the form's own messages or a sentence about the server's refusal. */
export type Problem = { key: ProblemKey | FormProblemKey; seconds?: number; address?: string } | { text: string };

export type FormProblemKey =
  | 'unreachable'
  | 'badCredentials'
  | 'passwordWrong'
  | 'tooFast'
  | 'registrationClosed'
  | 'linkUsed'
  | 'badOrigin'
  | 'noCookie'
  | 'server'
  | 'unknown';

export interface Problems {
  fields: Partial<Record<string, Problem>>;
  form?: Problem;
}

export const NO_PROBLEMS: Problems = { fields: {} };

/** `known` are the fields the form has; a sentence about any other one is shown for the whole form. */
export function problemsOf(cause: unknown, known: readonly string[], refusals: Refusals): Problems {
  if (!(cause instanceof ApiError)) return { fields: {}, form: { key: 'unknown' } };
  switch (cause.code) {
    case 'username_taken':
      return { fields: { username: { key: 'nameTaken' } } };
    case 'email_taken':
      return { fields: { email: { key: 'emailTaken' } } };
    case 'bad_credentials':
      return { fields: {}, form: { key: 'badCredentials' } };
    case 'rate_limited':
      return { fields: {}, form: { key: 'tooFast', seconds: Math.ceil((cause.retryAfterMs ?? 60_000) / 1000) } };
    case 'registration_closed':
      return { fields: {}, form: { key: 'registrationClosed' } };
    case 'no_cookie':
      return { fields: {}, form: { key: 'noCookie', address: location.origin } };
    case 'bad_origin':
      return { fields: {}, form: { key: 'badOrigin' } };
  }
  if (cause.unreachable) return { fields: {}, form: { key: 'unreachable' } };
  if (cause.status >= 500) return { fields: {}, form: { key: 'server' } };
  const fields: Partial<Record<string, Problem>> = {};
  const rest: string[] = [];
  for (const field of Object.keys(cause.fields)) {
    const text = refusals.ofField(cause, field);
    if (text === undefined) continue;
    if (known.includes(field)) fields[field] = { text };
    else rest.push(text);
  }
  if (rest.length > 0) return { fields, form: { text: rest.join(' ') } };
  if (Object.keys(fields).length > 0) return { fields };
  const text = refusals.say(cause, '');
  return { fields, form: text === '' ? { key: 'unknown' } : { text } };
}
