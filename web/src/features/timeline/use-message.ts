/** The message of a row, as it is going to be with what I did to it: a row draws itself when its own message changes. */
import { useMemo } from 'react';
import type { Message } from '../../gen/wire';
import {
  type Change,
  changeOf,
  messageOf,
  type Place,
  roomOf,
  type Send,
  useChat,
  useSteps,
  withChange,
} from '../../state';
import { lazyCode } from '../../ui';
import { type Item, rowOfPending } from './items';

/** Before it has come, a row that the server has not read names nobody. */
const unsent = lazyCode(() => import('./unsent-mentions'));
const called = (message: Message) => unsent.held()?.withMentions(message) ?? message;

export interface Shown {
  readonly message: Message;
  readonly pending?: Send | undefined;
  /** What I did to it and the server does not have yet. */
  readonly change?: Change | undefined;
}

/** Nothing where the message is let go of in this very moment. */
export function useMessage(place: Place, item: Item, username: string): Shown | undefined {
  const held = useChat((chat) => messageOf(chat, roomOf(place), item.id));
  const pending = useSteps(({ sends }) => (item.id === 0 ? find(sends, item.pending) : undefined));
  const change = useSteps(({ changes }) => (item.id === 0 ? undefined : changeOf(changes, item.id)));
  return useMemo(() => shown(held, pending, change, username), [held, pending, change, username]);
}

/** The same, for what is done with a row in this moment. */
export function shownNow(place: Place, item: Item, username: string): Shown | undefined {
  const held = messageOf(useChat.getState(), roomOf(place), item.id);
  const { sends, changes } = useSteps.getState();
  const pending = item.id === 0 ? find(sends, item.pending) : undefined;
  const change = item.id === 0 ? undefined : changeOf(changes, item.id);
  return shown(held, pending, change, username);
}

function shown(
  held: Message | undefined,
  pending: Send | undefined,
  change: Change | undefined,
  username: string,
): Shown | undefined {
  if (held) {
    const message = withChange(held, change);
    return { message: message.content === held.content ? message : called(message), change };
  }
  return pending && { message: called(rowOfPending(pending, username)), pending };
}

function find(sends: readonly Send[], id: string | undefined): Send | undefined {
  return id === undefined ? undefined : sends.find((send) => send.id === id);
}
