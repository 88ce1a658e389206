/** People and rooms by their names. No state is kept here. */
import { call } from './api';

export const findUsers = (query: string, limit = 20) => call('get', '/api/users', { query: { query, limit } });

export const findRooms = (name: string, limit = 30, offset = 0) =>
  call('get', '/api/rooms/search', { query: { name, limit, offset } });
