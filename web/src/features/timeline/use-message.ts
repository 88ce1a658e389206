/** The message of a row, as it is going to be with what I did to it: a row draws itself when its own message changes. */
import { useMemo } from 'react';
import type { Message } from '../../gen/wire';
import {
  type Change,
  changeOf,
  messageOf,
  type Pending,
  type Place,
  roomOf,
  useChanges,
  useChat,
  useOutbox,
  withChange,
} from '../../state';
import { type Item, rowOfPending } from './items';

export interface Shown {
  readonly message: Message;
  readonly pending?: Pending | undefined;
  /** What I did to it and the server does not have yet. */
  readonly change?: Change | undefined;
}

/** Nothing where the message is let go of in this very moment. */
export function useMessage(place: Place, item: Item, username: string): Shown | undefined {
  const held = useChat((chat) => messageOf(chat, roomOf(place), item.id));
  const pending = useOutbox(({ entries }) => (item.id === 0 ? find(entries, item.pending) : undefined));
  const change = useChanges(({ entries }) => (item.id === 0 ? undefined : changeOf(entries, item.id)));
  return useMemo(() => shown(held, pending, change, username), [held, pending, change, username]);
}

/** The same, for what is done with a row in this moment. */
export function shownNow(place: Place, item: Item, username: string): Shown | undefined {
  const held = messageOf(useChat.getState(), roomOf(place), item.id);
  const pending = item.id === 0 ? find(useOutbox.getState().entries, item.pending) : undefined;
  const change = item.id === 0 ? undefined : changeOf(useChanges.getState().entries, item.id);
  return shown(held, pending, change, username);
}

function shown(
  held: Message | undefined,
  pending: Pending | undefined,
  change: Change | undefined,
  username: string,
): Shown | undefined {
  if (held) return { message: withChange(held, change), change };
  return pending && { message: rowOfPending(pending, username), pending };
}

function find(entries: readonly Pending[], clientId: string | undefined): Pending | undefined {
  return clientId === undefined ? undefined : entries.find((entry) => entry.client_id === clientId);
}
