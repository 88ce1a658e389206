/** The people of a room whose names hold these words, by the server's word: it knows also who has not come here yet. */
import { useEffect, useState } from 'react';
import type { Member } from '../../gen/wire';
import { findMembers } from '../../net/members-here';

const TYPING_PAUSE_MS = 180;

export interface Found {
  readonly words: string;
  readonly members: readonly Member[] | 'failed';
}

export function useFind(roomId: number, words: string): Found | undefined {
  const [found, setFound] = useState<Found>();
  useEffect(() => {
    if (words === '') {
      setFound(undefined);
      return;
    }
    let stale = false;
    const tell = (members: Found['members']) => {
      if (!stale) setFound({ words, members });
    };
    const timer = setTimeout(() => {
      findMembers(roomId, words).then(tell, () => tell('failed'));
    }, TYPING_PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [roomId, words]);
  return words === '' ? undefined : found;
}
