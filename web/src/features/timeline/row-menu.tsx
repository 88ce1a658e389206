/** The one menu of the list, for whichever row asked for it. Its own chunk: nobody opens a menu before there are rows. */
import { Copy, CornerUpLeft, Link2, Pencil, Trash2, User } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Message } from '../../gen/wire';
import { copyText } from '../../lib/clipboard';
import { recall } from '../../net';
import type { Place } from '../../state';
import { ConfirmDialog, Menu, type MenuAction, toast } from '../../ui';
import type { RowActions } from './row';
import { useMenu, useMenuOwner } from './row-actions';
import { shownNow } from './use-message';

export default function RowMenu({
  place,
  actions,
  me,
  moderates,
}: {
  place: Place;
  actions: RowActions;
  me: { readonly id: number; readonly username: string };
  moderates: boolean;
}) {
  const t = useTranslations('timeline');
  const owner = useMenuOwner();
  const menu = useMenu((state) => state.menu);
  const recalling = useMenu((state) => state.recalling);
  const [last, setLast] = useState(menu);
  if (menu && menu !== last) setLast(menu);
  const shown = menu ?? last;
  const close = () => owner.setState({ menu: null });
  const message = shown && shownNow(place, shown.item, me.username)?.message;

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
  const sections = (message: Message) => {
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
      {shown && message && (
        <Menu
          open={menu !== null}
          onClose={close}
          anchor={shown.anchor}
          label={t('tools')}
          sections={sections(message)}
          placement="bottom end"
        />
      )}
      <ConfirmDialog
        open={recalling !== null}
        onClose={() => owner.setState({ recalling: null })}
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
