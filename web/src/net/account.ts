/** What an account can ask for before the first room and beside it. No state is kept here. */
import type { components } from '../gen/api';
import { call } from './api';

type Schemas = components['schemas'];

export const account = {
  setUp: (body: Schemas['Setup']) => call('post', '/api/setup', { body }),
  register: (body: Schemas['Register']) => call('post', '/api/auth/register', { body }),
  changePassword: (body: Schemas['NewPassword']) => call('post', '/api/auth/password', { body }),
  sessions: () => call('get', '/api/auth/sessions'),
  endSession: (id: string) => call('delete', '/api/auth/sessions/{id}', { path: { id } }),
  endOtherSessions: () => call('delete', '/api/auth/sessions'),
  edit: (id: number, body: Schemas['Profile']) => call('put', '/api/users/{id}', { path: { id }, body }),
  deactivate: (id: number) => call('delete', '/api/users/{id}', { path: { id } }),
};
