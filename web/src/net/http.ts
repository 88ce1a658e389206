/** Calls to `/api`, typed by the server's own OpenAPI document. No state is kept here. */
import createClient from 'openapi-fetch';
import type { components, paths } from '../gen/api';
import type { Member, Role, User } from '../gen/wire';

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

type Schemas = components['schemas'];
/** The word on the wire is lower case, whatever the document's list says. */
type Failure = Partial<Omit<Schemas['Failure'], 'error'>> & { error?: string };

export type ServerFacts = Schemas['ServerFacts'];
export type SessionRow = Schemas['Session'];

const TIMEOUT_MS = 20_000;
let whenUnauthorized: (() => void) | undefined;

/** Who is told when the session turns out to be over. */
export function onUnauthorized(listener: () => void): void {
  whenUnauthorized = listener;
}

const api = createClient<paths>({
  baseUrl: globalThis.location?.origin,
  credentials: 'same-origin',
  fetch: (request) => fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS) }),
});

interface Answer<T> {
  readonly data?: { readonly data?: T } | undefined;
  readonly error?: unknown;
  readonly response: Response;
}

/** What the envelope holds, or the refusal as an error. */
async function taken<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (cause) {
    throw new ApiError(0, 'unreachable', cause instanceof Error ? cause.message : 'unreachable');
  }
  const { data, error, response } = answer;
  if (response.ok) return data?.data as T;
  const failure: Failure = typeof error === 'object' && error !== null ? error : {};
  const code = failure.error ?? `http_${response.status}`;
  if (response.status === 401 && (code === 'unauthorized' || code === 'session_ended')) whenUnauthorized?.();
  const seconds = Number(response.headers.get('retry-after'));
  throw new ApiError(
    response.status,
    code,
    failure.message ?? response.statusText,
    failure.details?.fields,
    Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined,
  );
}

const at = (id: number) => ({ params: { path: { id } } });
const seatAt = (id: number, user_id: number) => ({ params: { path: { id, user_id } } });

export const http = {
  server: () => taken(api.GET('/api/server')),
  setUp: (body: Schemas['Setup']) => taken(api.POST('/api/setup', { body })),
  register: (body: Schemas['Register']) => taken(api.POST('/api/auth/register', { body })),
  logIn: (body: Schemas['LogIn']) => taken(api.POST('/api/auth/login', { body })),
  logOut: () => taken(api.POST('/api/auth/logout')),
  me: () => taken(api.GET('/api/auth/userinfo')),
  changePassword: (body: Schemas['NewPassword']) => taken(api.POST('/api/auth/password', { body })),
  sessions: () => taken(api.GET('/api/auth/sessions')),
  endSession: (id: string) => taken(api.DELETE('/api/auth/sessions/{id}', { params: { path: { id } } })),
  endOtherSessions: () => taken(api.DELETE('/api/auth/sessions')),

  users: (query: string, limit = 20) => taken(api.GET('/api/users', { params: { query: { query, limit } } })),
  user: (id: number) => taken(api.GET('/api/users/{id}', at(id))),
  editUser: (id: number, body: Schemas['Profile']): Promise<User> =>
    taken(api.PUT('/api/users/{id}', { ...at(id), body })),
  deactivate: (id: number) => taken(api.DELETE('/api/users/{id}', at(id))),

  rooms: () => taken(api.GET('/api/rooms')),
  room: (id: number) => taken(api.GET('/api/rooms/{id}', at(id))),
  searchRooms: (name: string, limit = 30, offset = 0) =>
    taken(api.GET('/api/rooms/search', { params: { query: { name, limit, offset } } })),
  createRoom: (body: Schemas['CreateRoom']) => taken(api.POST('/api/rooms', { body })),
  editRoom: (id: number, body: Schemas['UpdateRoom']) => taken(api.PUT('/api/rooms/{id}', { ...at(id), body })),
  deleteRoom: (id: number) => taken(api.DELETE('/api/rooms/{id}', at(id))),
  joinRoom: (id: number) => taken(api.POST('/api/rooms/{id}/join', at(id))),
  leaveRoom: (id: number) => taken(api.POST('/api/rooms/{id}/leave', at(id))),
  direct: (userId: number) => taken(api.POST('/api/rooms/direct', { body: { user_id: userId } })),
  members: async (id: number, limit = 100): Promise<Member[]> => {
    const members = await taken(api.GET('/api/rooms/{id}/members', { params: { path: { id }, query: { limit } } }));
    return members.filter((member): member is Member => member.user != null);
  },
  seat: (id: number, userId: number, role: Role) =>
    taken(api.PUT('/api/rooms/{id}/members/{user_id}', { ...seatAt(id, userId), body: { role } })),
  kick: (id: number, userId: number) => taken(api.DELETE('/api/rooms/{id}/members/{user_id}', seatAt(id, userId))),

  messages: (id: number, query: { limit: number; before?: number; after?: number; around?: number }) =>
    taken(api.GET('/api/rooms/{id}/messages', { params: { path: { id }, query } })),
  editMessage: (id: number, content: string) => taken(api.PUT('/api/messages/{id}', { ...at(id), body: { content } })),
  recallMessage: (id: number) => taken(api.DELETE('/api/messages/{id}', at(id))),
};
