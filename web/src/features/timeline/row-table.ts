/** What can be done with a message, once: the bar of a row, its menu, its keys and the help read this table. A new deed is a line. */
import { Copy, CornerUpLeft, Link2, type LucideIcon, Pencil, Trash2, User as UserIcon } from 'lucide-react';
import type { Message, User } from '../../gen/wire';
import { type Chat, isText, mayRecall, useChat, useSession } from '../../state';
import type { RowActions } from './row';

/** Who wants to do it, as the page knows them. */
export interface Doer {
  readonly chat: Chat;
  readonly me: User | null;
}

export interface RowAction {
  /** Its label, too, as a word of `timeline`; and its name in the registry of keys, where it has one. */
  readonly id: 'reply' | 'edit' | 'copy' | 'copyLink' | 'showProfile' | 'recall';
  readonly icon: LucideIcon;
  /** Stands in the bar of the row; in the menu stands everything. */
  readonly bar?: true;
  readonly danger?: true;
  /** Whether it can be done: the server takes it, and there is something to do it with. */
  when(message: Message, doer: Doer): boolean;
  run(message: Message, actions: RowActions, anchor: Element): void;
}

const seated = (message: Message, { chat }: Doer) => chat.rooms[message.room_id]?.my_role != null;
const stands = (message: Message) => !message.recalled_at;

export const ROW_ACTIONS: readonly RowAction[] = [
  {
    id: 'reply',
    icon: CornerUpLeft,
    bar: true,
    when: (message, doer) => stands(message) && seated(message, doer),
    run: (message, actions) => actions.reply(message),
  },
  {
    id: 'edit',
    icon: Pencil,
    bar: true,
    when: (message, doer) => stands(message) && seated(message, doer) && message.user_id === doer.me?.id,
    run: (message, actions) => actions.edit(message),
  },
  {
    id: 'copy',
    icon: Copy,
    bar: true,
    when: (message) => message.content !== '',
    run: (message, actions) => actions.copy(message.content, 'copied'),
  },
  {
    id: 'copyLink',
    icon: Link2,
    when: () => true,
    run: (message, actions) => {
      const address = new URL(`/r/${message.room_id}/m/${message.seq}`, location.href);
      actions.copy(address.href, 'linkCopied');
    },
  },
  {
    id: 'showProfile',
    icon: UserIcon,
    when: (message) => message.user_id !== 0,
    run: (message, actions, anchor) => actions.openProfile(message.user_id, anchor),
  },
  {
    id: 'recall',
    icon: Trash2,
    bar: true,
    danger: true,
    when: (message, { chat, me }) => mayRecall(chat, me, message),
    run: (message, actions) => actions.recall(message),
  },
];

export function isRowAction(name: string): name is RowAction['id'] {
  return ROW_ACTIONS.some((action) => action.id === name);
}

/** What can be done with a message now. */
export function rowActionsOf(
  message: Message,
  doer: Doer = { chat: useChat.getState(), me: useSession.getState().me },
): readonly RowAction[] {
  return isText(message) ? ROW_ACTIONS.filter((action) => action.when(message, doer)) : [];
}
