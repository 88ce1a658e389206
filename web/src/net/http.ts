/** Calls to `/api`: one function per call of docs/protocol.md, typed by the generated schemas. No state is kept here. */
import type { Member, Message, Role, Room, User } from '../gen/wire';

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

interface Envelope {
  data?: unknown;
  message?: string;
  error?: string;
  details?: { fields?: Record<string, string[]> };
}

const TIMEOUT_MS = 20_000;
let whenUnauthorized: (() => void) | undefined;

/** Who is told when the session turns out to be over. */
export function onUnauthorized(listener: () => void): void {
  whenUnauthorized = listener;
}

export async function call<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
  let response: Response;
  let envelope: Envelope;
  try {
    response = await fetch(`/api${path}`, {
      method,
      credentials: 'same-origin',
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    envelope = (await response.json().catch(() => ({}))) as Envelope;
  } catch (cause) {
    throw new ApiError(0, 'unreachable', cause instanceof Error ? cause.message : 'unreachable');
  }
  if (response.ok) return envelope.data as T;
  const code = envelope.error ?? `http_${response.status}`;
  if (response.status === 401 && (code === 'unauthorized' || code === 'session_ended')) whenUnauthorized?.();
  const seconds = Number(response.headers.get('retry-after'));
  throw new ApiError(
    response.status,
    code,
    envelope.message ?? response.statusText,
    envelope.details?.fields,
    Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined,
  );
}

export interface ServerFacts {
  name: string;
  setup_needed: boolean;
  registration: 'open' | 'closed';
  guests: boolean;
  password_policy: 'basic' | 'strong';
  password_min: number;
  people: number;
  online: number;
}

export interface SessionRow {
  id: string;
  device: string;
  address: string;
  created_at: string;
  last_seen: string;
  current: boolean;
}

export interface Credentials {
  user: User;
  token: string;
  expires_at: string;
}

export interface Marked {
  room_id: number;
  seq: number;
  unread: number;
  mentions: number;
}

function query(parameters: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) if (value !== undefined) search.set(key, String(value));
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

export const http = {
  server: () => call<ServerFacts>('GET', '/server'),
  setUp: (body: { token: string; username: string; email: string; password: string; server_name?: string }) =>
    call<Credentials>('POST', '/setup', body),
  register: (body: { username: string; email: string; password: string }) =>
    call<Credentials>('POST', '/auth/register', body),
  logIn: (body: { username: string; password: string }) => call<Credentials>('POST', '/auth/login', body),
  logOut: () => call<null>('POST', '/auth/logout'),
  me: () => call<User>('GET', '/auth/userinfo'),
  changePassword: (body: { current_password: string; new_password: string }) =>
    call<null>('POST', '/auth/password', body),
  sessions: () => call<SessionRow[]>('GET', '/auth/sessions'),
  endSession: (id: string) => call<null>('DELETE', `/auth/sessions/${encodeURIComponent(id)}`),
  endOtherSessions: () => call<null>('DELETE', '/auth/sessions'),

  users: (search: string, limit = 20) => call<User[]>('GET', `/users${query({ query: search, limit })}`),
  user: (id: number) => call<User>('GET', `/users/${id}`),
  editUser: (
    id: number,
    change: Partial<Pick<User, 'display_name' | 'bio' | 'status_text' | 'locale' | 'theme' | 'email'>>,
  ) => call<User>('PUT', `/users/${id}`, change),
  deactivate: (id: number) => call<null>('DELETE', `/users/${id}`),

  rooms: () => call<Room[]>('GET', '/rooms'),
  room: (id: number) => call<Room>('GET', `/rooms/${id}`),
  searchRooms: (name: string, limit = 30, offset = 0) =>
    call<Room[]>('GET', `/rooms/search${query({ name, limit, offset })}`),
  createRoom: (body: { name: string; description?: string; is_private?: boolean }) =>
    call<Room>('POST', '/rooms', body),
  editRoom: (id: number, change: { name?: string; description?: string; is_private?: boolean }) =>
    call<Room>('PUT', `/rooms/${id}`, change),
  deleteRoom: (id: number) => call<null>('DELETE', `/rooms/${id}`),
  joinRoom: (id: number) => call<Room>('POST', `/rooms/${id}/join`),
  leaveRoom: (id: number) => call<null>('POST', `/rooms/${id}/leave`),
  direct: (userId: number) => call<Room>('POST', '/rooms/direct', { user_id: userId }),
  members: (id: number, limit = 100, before?: number) =>
    call<Member[]>('GET', `/rooms/${id}/members${query({ limit, before })}`),
  seat: (id: number, userId: number, role: Role) => call<Member>('PUT', `/rooms/${id}/members/${userId}`, { role }),
  kick: (id: number, userId: number) => call<null>('DELETE', `/rooms/${id}/members/${userId}`),

  messages: (id: number, page: { limit: number; before?: number; after?: number; around?: number }) =>
    call<Message[]>('GET', `/rooms/${id}/messages${query(page)}`),
  editMessage: (id: number, content: string) => call<Message>('PUT', `/messages/${id}`, { content }),
  recallMessage: (id: number) => call<unknown>('DELETE', `/messages/${id}`),
};
