/** What was written in a room one is in no more: to copy, until one lets it go. Nothing of one's own vanishes from sight. */
import { useChat, useLoads } from '../state';
import { lazyWithWords } from './words';

const List = lazyWithWords(() => import('./leftovers-list'));

/** `known`: the room can still be looked at, and its timeline shows what was refused, with what to do about it. */
export function Leftovers({ roomId, known = false }: { roomId: number; known?: boolean }) {
  const mine = useChat((chat) => Boolean(chat.rooms[roomId]?.my_role));
  const loaded = useLoads((loads) => loads.rooms === 'ready');
  return mine || !loaded ? null : <List roomId={roomId} known={known} />;
}
