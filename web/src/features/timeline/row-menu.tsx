/** The one menu of the list, for whichever row asked for it. Its own chunk: nobody opens a menu before there are rows. */
import { Copy, CornerUpLeft, Link2, Pencil, Trash2, User } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { copyText } from '../../lib/clipboard';
import { recall } from '../../net';
import { ConfirmDialog, Menu, type MenuAction, toast } from '../../ui';
import type { Item } from './items';
import type { RowActions } from './row';
import { useMenu } from './row-actions';

export default function RowMenu({
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
  const [last, setLast] = useState(menu);
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
