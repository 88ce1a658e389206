/** What the views may ask of the network. */
export * from './commands';
export * from './history';
export { ApiError, http, type ServerFacts, type SessionRow } from './http';
export { refreshRooms, socket } from './live';
export * from './members';
