/** Who is in a room, page by page, with names and presence. */
import type { Member, User } from '../gen/wire';
import { type Loading, useChat, useLoads, usePresence } from '../state';
import { http } from './http';

const PAGE = 100;

/** The first page; what was fetched behind it stays. */
export async function loadMembers(roomId: number): Promise<void> {
  const held = useLoads.getState();
  const deeper = held.members[roomId] === 'ready' && (useChat.getState().members[roomId]?.length ?? 0) > PAGE;
  await load(roomId, undefined, deeper);
}

/** The page after those that are here. */
export async function loadMoreMembers(roomId: number): Promise<void> {
  const from = useLoads.getState().membersFrom[roomId];
  if (from) await load(roomId, from, true);
}

/** So many that one's own page never asks on and on. */
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
    const page = await http.membersHere(roomId, PAGE, from);
    const last = page.length === PAGE ? page.at(-1)?.user.id : undefined;
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

type From = { readonly role: Member['role']; readonly id: number };

async function load(roomId: number, from: From | undefined, keep: boolean): Promise<void> {
  if (useLoads.getState().members[roomId] === 'loading') return;
  note(roomId, 'loading');
  try {
    const page = await http.members(roomId, PAGE, from);
    seat(roomId, page, keep);
    const last = page.at(-1);
    // A look at the first page again says nothing about where the last one ended.
    if (from || !keep) {
      const more = page.length === PAGE && last ? { role: last.role, id: last.user.id } : undefined;
      useLoads.setState((loads) => ({ membersFrom: { ...loads.membersFrom, [roomId]: more } }));
    }
    note(roomId, 'ready');
  } catch {
    note(roomId, 'failed');
  }
}

function note(roomId: number, loading: 'loading' | 'ready' | 'failed'): void {
  useLoads.setState((loads) => ({ members: { ...loads.members, [roomId]: loading } }));
}

function seat(roomId: number, page: readonly Member[], keep: boolean): void {
  const fresh = new Set(page.map((member) => member.user.id));
  useChat.setState((chat) => {
    const held = keep ? (chat.members[roomId] ?? []).filter((member) => !fresh.has(member.user.id)) : [];
    return {
      members: { ...chat.members, [roomId]: [...held, ...page] },
      users: { ...chat.users, ...Object.fromEntries(page.map((member) => [member.user.id, member.user])) },
    };
  });
  learnPresence(page.map(({ user }) => user));
}

/** Who the server just said is here. What is older than the line (a copy kept on this device) does not come through here. */
export function learnPresence(users: readonly User[]): void {
  if (users.length === 0) return;
  usePresence.setState((presence) => ({
    people: {
      ...presence.people,
      ...Object.fromEntries(
        users.map((user) => [user.id, { presence: user.presence, lastSeen: user.last_seen ?? undefined }]),
      ),
    },
  }));
}
