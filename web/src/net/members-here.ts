/** Who of a big room is here, and who is called so. Fetched with the list that shows it. */
import type { Member } from '../gen/wire';
import { type Loading, useChat, useLoads, usePresence } from '../state';
import { call } from './api';
import { http, seated } from './http';
import { learnPresence, MEMBERS_PAGE, seat } from './members';

/** People found by a name at most. */
const FOUND = 50;

export async function findMembers(roomId: number, name: string): Promise<readonly Member[]> {
  const found = await http.members(roomId, FOUND, undefined, name);
  learnPresence(found.map(({ user }) => user));
  return found;
}

/**
 * Those who are here now, a page at a time: in a big room nobody tells who comes and goes, only how many are here. Without
 * `more` it begins again, and who was here and is not told any more has left.
 */
export async function loadOnline(roomId: number, more = false): Promise<void> {
  const { online, onlineFrom } = useLoads.getState();
  const from = more ? onlineFrom[roomId] : undefined;
  if (online[roomId] === 'loading' || (more && from === undefined)) return;
  const note = (loading: Loading) => useLoads.setState((loads) => ({ online: { ...loads.online, [roomId]: loading } }));
  note('loading');
  try {
    const query = { limit: MEMBERS_PAGE, online: true, after: from };
    const page = seated(await call('get', '/api/rooms/{id}/members', { path: { id: roomId }, query }));
    const last = page.length === MEMBERS_PAGE ? page.at(-1)?.user.id : undefined;
    // Who else is a member is not known from these: the owners and admins come first with the others.
    if (useChat.getState().members[roomId]) seat(roomId, page, true);
    lookForLeft(roomId, page, from ?? 0, last ?? Number.MAX_SAFE_INTEGER);
    useLoads.setState((loads) => ({ onlineFrom: { ...loads.onlineFrom, [roomId]: last } }));
    note('ready');
  } catch {
    note('failed');
  }
}

/** The page tells everybody who is here and whose id is after `from`, up to `to`. */
function lookForLeft(roomId: number, page: readonly Member[], from: number, to: number): void {
  const here = new Set(page.map(({ user }) => user.id));
  const { people } = usePresence.getState();
  const left = (useChat.getState().members[roomId] ?? []).filter(
    ({ user: { id } }) => id > from && id <= to && !here.has(id) && (people[id]?.presence ?? 'offline') !== 'offline',
  );
  learnPresence(left.map(({ user }) => ({ ...user, presence: 'offline' })));
}
