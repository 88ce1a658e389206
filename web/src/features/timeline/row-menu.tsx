/** What can be done with a row, and the one menu of the list that offers it. */
import { Copy, CornerUpLeft, Link2, Pencil, Trash2, User } from 'lucide-react';
import { type RefObject, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { create } from 'zustand';
import type { Message } from '../../gen/wire';
import { copyText } from '../../lib/clipboard';
import { discardChange, discardSend, recall, retryChange, retrySend } from '../../net';
import { setDraft, startEdit, startReply } from '../../state';
import { ConfirmDialog, Menu, type MenuAction, toast } from '../../ui';
import type { Item } from './items';
import type { RowActions } from './row';

interface MenuState {
  readonly menu: { readonly item: Item; readonly anchor: Element } | null;
  readonly recalling: Message | null;
}

/** Its own small store: opening the menu must not draw the list again. */
const useMenu = create<MenuState>(() => ({ menu: null, recalling: null }));

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

export function RowMenu({
  actions,
  me,
  moderates,
}: {
  actions: RowActions;
  me: { readonly id: number };
  moderates: boolean;
}) {
  const t = useTranslations('timeline');
  const { menu, recalling } = useMenu();
  const [last, setLast] = useState<MenuState['menu']>(null);
  if (menu && menu !== last) setLast(menu);
  const shown = menu ?? last;
  const close = () => useMenu.setState({ menu: null });

  const act = (
    id: string,
    label: string,
    icon: MenuAction['icon'],
    keys: string | undefined,
    onAction: () => void,
  ) => ({
    id,
    label,
    icon,
    keys,
    onAction,
  });
  const sections = (item: Item) => {
    const { message } = item;
    const mine = message.user_id === me.id;
    const main: MenuAction[] = [];
    if (!message.recalled_at) {
      main.push(act('reply', t('reply'), <CornerUpLeft />, 'R', () => actions.reply(message)));
      if (mine) main.push(act('edit', t('edit'), <Pencil />, 'E', () => actions.edit(message)));
      main.push(act('copy', t('copyText'), <Copy />, 'C', () => actions.copy(message)));
    }
    main.push(
      act('link', t('copyLink'), <Link2 />, undefined, () => {
        const address = new URL(`/r/${message.room_id}/m/${message.seq}`, location.href).href;
        copyText(address).then(
          () => toast({ text: t('linkCopied'), tone: 'ok' }),
          () => toast({ text: t('copyFailed'), tone: 'error' }),
        );
      }),
    );
    if (message.user_id !== 0 && shown) {
      const { anchor } = shown;
      main.push(
        act('profile', t('showProfile'), <User />, undefined, () => actions.openProfile(message.user_id, anchor)),
      );
    }
    const result: { id: string; items: MenuAction[] }[] = [{ id: 'main', items: main }];
    if (!message.recalled_at && (mine || moderates)) {
      const item: MenuAction = {
        ...act('recall', t('recall'), <Trash2 />, 'Delete', () => actions.recall(message)),
        danger: true,
      };
      result.push({ id: 'danger', items: [item] });
    }
    return result;
  };

  return (
    <>
      {shown && (
        <Menu
          open={menu !== null}
          onClose={close}
          anchor={shown.anchor}
          label={t('tools')}
          sections={sections(shown.item)}
          placement="bottom end"
        />
      )}
      <ConfirmDialog
        open={recalling !== null}
        onClose={() => useMenu.setState({ recalling: null })}
        title={t('recallTitle')}
        confirmLabel={t('recall')}
        danger
        onConfirm={() => {
          if (recalling) recall(recalling.id);
        }}
      >
        {t('recallText')}
      </ConfirmDialog>
    </>
  );
}
