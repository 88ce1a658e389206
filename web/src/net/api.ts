/** One call to `/api`, typed by the server's own OpenAPI document: its path, query, body and answer are what that says. */
import type { components, paths } from '../gen/api';
import { forgetEarly, takeEarly } from './early';

/** A refusal, with the server's word and sentence. `status` 0: the server could not be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly retryAfterMs: number | undefined;
  constructor(
    status: number,
    code: string,
    message: string,
    fields: Readonly<Record<string, readonly string[]>> = {},
    retryAfterMs?: number,
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.retryAfterMs = retryAfterMs;
  }
  /** The network or the server is away; trying again may help. */
  get unreachable(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

type Verb = 'get' | 'post' | 'put' | 'delete';
type PathWith<V extends Verb> = {
  [P in keyof paths]: paths[P] extends { [K in V]: { responses: unknown } } ? P : never;
}[keyof paths];

type Asked<Operation> = (Operation extends { parameters: { path: infer Path } } ? { path: Path } : unknown) &
  (Operation extends { parameters: { query?: infer Query } } ? { query?: Query } : unknown) &
  (Operation extends { requestBody: { content: { 'application/json': infer Body } } } ? { body: Body } : unknown) &
  Pick<Question, 'signal'>;

/** What the envelope of a good answer holds. */
type Told<Operation> = Operation extends { responses: infer Responses }
  ? {
      [Status in keyof Responses & 200]: Responses[Status] extends {
        content: { 'application/json': { data?: infer Data } };
      }
        ? Data
        : never;
    }[keyof Responses & 200]
  : never;

type Values = Readonly<Record<string, string | number | boolean | null | undefined>>;

interface Question {
  readonly path?: Values;
  readonly query?: Values;
  readonly body?: unknown;
  /** Ends the call, in the place of the time that each has. */
  readonly signal?: AbortSignal;
}

/** The word on the wire is lower case, whatever the document's list says. */
type Failure = Partial<Omit<components['schemas']['Failure'], 'reason'>> & { reason?: string };

const TIMEOUT_MS = 20_000;
let whenUnauthorized: (() => void) | undefined;
let whenOtherAccount: (() => void) | undefined;
let acting: number | undefined;

/**
 * Whose account the page shows. Every call says so, and the server refuses one whose cookie is another's by now: a cookie
 * belongs to all tabs of the browser, a page to one account.
 */
export function actAs(user: number | undefined): void {
  acting = user;
}

/** Who is told when the cookie is another account's. */
export function onOtherAccount(listener: () => void): void {
  whenOtherAccount = listener;
}

/** Who is told when the session turns out to be over. */
export function onUnauthorized(listener: () => void): void {
  whenUnauthorized = listener;
}

export function actingHeaders(): Readonly<Record<string, string>> {
  return acting === undefined ? {} : { 'x-chinwag-user': String(acting) };
}

function addressOf(path: string, { path: places = {}, query = {} }: Question): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(places[name])));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) asked.set(name, String(value));
  }
  return asked.size > 0 ? `${filled}?${asked}` : filled;
}

export async function call<V extends Verb, P extends PathWith<V>>(
  verb: V,
  path: P,
  ...[asked]: object extends Asked<paths[P][V]> ? [Asked<paths[P][V]>?] : [Asked<paths[P][V]>]
): Promise<NonNullable<Told<paths[P][V]>>> {
  const question: Question = asked ?? {};
  let response: Response;
  let answer: unknown;
  try {
    const address = addressOf(path, question);
    if (verb !== 'get') forgetEarly();
    const early = verb === 'get' ? await takeEarly(address) : undefined;
    const ask = () =>
      fetch(address, {
        method: verb.toUpperCase(),
        credentials: 'same-origin',
        // Nothing of this is kept by the browser, and nobody has to wait there for who asks for the same.
        cache: 'no-store',
        signal: question.signal ?? AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          ...actingHeaders(),
          ...(question.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(question.body === undefined ? {} : { body: JSON.stringify(question.body) }),
      });
    response = early ?? (await ask());
    const text = await response.text();
    // What stands in front of the server may refuse in its own words.
    answer = response.ok || response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : undefined;
  } catch (cause) {
    throw new ApiError(0, 'unreachable', cause instanceof Error ? cause.message : 'unreachable');
  }
  if (!response.ok) throw refusal(response, answer);
  return (answer as { data: NonNullable<Told<paths[P][V]>> }).data;
}

/** What an answer that is no good one says. */
export function refusal(response: Pick<Response, 'status' | 'statusText' | 'headers'>, answer: unknown): ApiError {
  const failure: Failure = typeof answer === 'object' && answer !== null ? answer : {};
  const code = failure.reason ?? `http_${response.status}`;
  if (response.status === 401 && (code === 'unauthorized' || code === 'session_ended')) whenUnauthorized?.();
  if (code === 'other_account') whenOtherAccount?.();
  const seconds = Number(response.headers.get('retry-after'));
  return new ApiError(
    response.status,
    code,
    failure.message ?? response.statusText,
    failure.details?.fields,
    Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined,
  );
}
