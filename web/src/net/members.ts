/** Who is in a room, page by page, with names and presence. */
import type { Member, User } from '../gen/wire';
import { useChat, useLoads, usePresence } from '../state';
import { http } from './http';

export const MEMBERS_PAGE = 100;

/** The first page; what was fetched behind it stays. */
export async function loadMembers(roomId: number): Promise<void> {
  const held = useLoads.getState();
  const deeper = held.members[roomId] === 'ready' && (useChat.getState().members[roomId]?.length ?? 0) > MEMBERS_PAGE;
  await load(roomId, undefined, deeper);
}

/** The page after those that are here. */
export async function loadMoreMembers(roomId: number): Promise<void> {
  const from = useLoads.getState().membersFrom[roomId];
  if (from) await load(roomId, from, true);
}

type From = { readonly role: Member['role']; readonly id: number };

async function load(roomId: number, from: From | undefined, keep: boolean): Promise<void> {
  if (useLoads.getState().members[roomId] === 'loading') return;
  note(roomId, 'loading');
  try {
    const page = await http.members(roomId, MEMBERS_PAGE, from);
    seat(roomId, page, keep);
    const last = page.at(-1);
    // A look at the first page again says nothing about where the last one ended.
    if (from || !keep) {
      const more = page.length === MEMBERS_PAGE && last ? { role: last.role, id: last.user.id } : undefined;
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

export function seat(roomId: number, page: readonly Member[], keep: boolean): void {
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
