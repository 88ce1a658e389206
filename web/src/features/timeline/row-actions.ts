/** What can be done with a row. */
import { type RefObject, useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { create } from 'zustand';
import type { Message } from '../../gen/wire';
import { copyText } from '../../lib/clipboard';
import { discardChange, discardSend, retryChange, retrySend } from '../../net';
import { setDraft, startEdit, startReply } from '../../state';
import { toast } from '../../ui';
import type { Item } from './items';
import type { RowActions } from './row';

interface MenuState {
  readonly menu: { readonly item: Item; readonly anchor: Element } | null;
  readonly recalling: Message | null;
}

/** Its own small store: opening the menu must not draw the list again. */
export const useMenu = create<MenuState>(() => ({ menu: null, recalling: null }));

export interface RowActionDeps {
  roomId: number;
  jump(seq: number): void;
  onOpenProfile(userId: number, anchor: Element): void;
  onCompose(): void;
  frame: RefObject<HTMLElement | null>;
}

export function useRowActions({ roomId, jump, onOpenProfile, onCompose }: RowActionDeps): RowActions {
  const t = useTranslations('timeline');
  return useMemo(
    () => ({
      jump,
      openProfile: onOpenProfile,
      openMenu: (item, anchor) => useMenu.setState({ menu: { item, anchor } }),
      reply: (message) => {
        startReply(roomId, {
          message_id: message.id,
          seq: message.seq,
          user_id: message.user_id,
          username: message.username,
          content: [...message.content].slice(0, 200).join(''),
          recalled: false,
        });
        onCompose();
      },
      edit: (message) => {
        startEdit(roomId, message.id, message.content);
        onCompose();
      },
      copy: (message) => {
        copyText(message.content).then(
          () => toast({ text: t('copied'), tone: 'ok' }),
          () => toast({ text: t('copyFailed'), tone: 'error' }),
        );
      },
      recall: (message) => useMenu.setState({ recalling: message }),
      retry: retrySend,
      discard: discardSend,
      retryChange,
      discardChange,
      editFailed: (item) => {
        if (!item.pending || !discardSend(item.pending.client_id)) return;
        setDraft(roomId, { text: item.message.content, reply: item.pending.reply_to });
        onCompose();
      },
    }),
    [roomId, jump, onOpenProfile, onCompose, t],
  );
}
