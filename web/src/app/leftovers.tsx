/** What was written in a room one is in no more: to copy, until one lets it go. Nothing of one's own vanishes from sight. */
import { useMemo } from 'react';
import { leftIn, useChat, useDrafts, useLoads, useSteps } from '../state';
import { lazyWithWords } from './words';

const NONE: readonly never[] = [];

const List = lazyWithWords(() => import('./leftovers-list'));

/** `known`: the room can still be looked at, and its timeline shows what was refused, with what to do about it. */
export function Leftovers({ roomId, known = false }: { roomId: number; known?: boolean }) {
  const mine = useChat((chat) => Boolean(chat.rooms[roomId]?.my_role));
  const loaded = useLoads((loads) => loads.rooms === 'ready');
  const places = useDrafts((drafts) => drafts.places);
  const { sends, changes } = useSteps();
  const steps = useMemo(() => (known ? NONE : [...sends, ...changes]), [known, sends, changes]);
  const left = useMemo(() => leftIn(roomId, places, steps), [roomId, places, steps]);
  if (mine || !loaded || left.length === 0) return null;
  return <List roomId={roomId} left={left} steps={steps} />;
}
