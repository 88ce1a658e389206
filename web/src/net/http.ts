/** What the server can be asked for. No state is kept here. */
import type { components } from '../gen/api';
import type { Member, Role } from '../gen/wire';
import { call } from './api';

export { ApiError, actAs, onOtherAccount, onUnauthorized } from './api';

type Schemas = components['schemas'];

export type ServerFacts = Schemas['ServerFacts'];
export type SessionRow = Schemas['Session'];

const at = (id: number) => ({ path: { id } });

export const seated = (members: readonly Schemas['Member'][]): Member[] =>
  members.flatMap(({ user, ...seat }) => (user ? [{ ...seat, user }] : []));

const ALIVE_MS = 3000;
/** Rooms of one answer where no number is asked for. */
const ROOMS_PAGE = 1000;

export const http = {
  /** Whether the server answers at all. */
  alive: async (): Promise<boolean> => {
    try {
      return (await fetch('/health', { cache: 'no-store', signal: AbortSignal.timeout(ALIVE_MS) })).ok;
    } catch {
      return false;
    }
  },
  server: () => call('get', '/api/server'),
  logIn: (body: Schemas['LogIn']) => call('post', '/api/auth/login', { body }),
  logOut: () => call('post', '/api/auth/logout'),
  me: () => call('get', '/api/auth/userinfo'),

  user: (id: number) => call('get', '/api/users/{id}', at(id)),

  /** All of mine, a page at a time. One that moved ahead meanwhile may come twice. */
  rooms: async () => {
    const rooms = await call('get', '/api/rooms');
    for (let length = rooms.length; length === ROOMS_PAGE; ) {
      const page = await call('get', '/api/rooms', { query: { offset: rooms.length } });
      rooms.push(...page);
      length = page.length;
    }
    return rooms;
  },
  room: (id: number) => call('get', '/api/rooms/{id}', at(id)),
  direct: (userId: number) => call('post', '/api/rooms/direct', { body: { user_id: userId } }),
  members: async (id: number, limit: number, from?: { role: Role; id: number }, name = ''): Promise<Member[]> => {
    const after = from ? { after_role: from.role, after: from.id } : {};
    const query = { limit, ...after, ...(name === '' ? {} : { query: name }) };
    return seated(await call('get', '/api/rooms/{id}/members', { path: { id }, query }));
  },
  messages: (id: number, query: { limit: number; before?: number; after?: number; around?: number }) =>
    call('get', '/api/rooms/{id}/messages', { path: { id }, query }),
  editMessage: (id: number, content: string) => call('put', '/api/messages/{id}', { ...at(id), body: { content } }),
  recallMessage: (id: number) => call('delete', '/api/messages/{id}', at(id)),
};
