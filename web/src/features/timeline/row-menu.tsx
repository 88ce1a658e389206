/** The one menu of the list, for whichever row asked for it. Its own chunk: nobody opens a menu before there are rows. */
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Message } from '../../gen/wire';
import { keysOf } from '../../lib/keys';
import { recall } from '../../net';
import type { Place } from '../../state';
import { ConfirmDialog, Menu, type MenuAction } from '../../ui';
import type { RowActions } from './row';
import { useMenu, useMenuOwner } from './row-actions';
import { rowActionsOf } from './row-table';
import { shownNow } from './use-message';

export default function RowMenu({
  place,
  actions,
  me,
}: {
  place: Place;
  actions: RowActions;
  me: { readonly id: number; readonly username: string };
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

  const sections = (message: Message, anchor: Element) => {
    const items = (danger: boolean) =>
      rowActionsOf(message)
        .filter((action) => (action.danger ?? false) === danger)
        .map(
          ({ id, icon: Icon, run }): MenuAction => ({
            id,
            label: t(id),
            icon: <Icon />,
            keys: keysOf('message', id),
            danger,
            onAction: () => run(message, actions, anchor),
          }),
        );
    return [
      { id: 'main', items: items(false) },
      { id: 'danger', items: items(true) },
    ].filter((section) => section.items.length > 0);
  };

  return (
    <>
      {shown && message && (
        <Menu
          open={menu !== null}
          onClose={close}
          // A row is as wide as the page; its menu stands beside its text.
          anchor={shown.anchor.querySelector('.tl-content') ?? shown.anchor}
          label={t('tools')}
          sections={sections(message, shown.anchor)}
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
          if (recalling) recall(place, recalling.id);
        }}
      >
        {t('recallText')}
      </ConfirmDialog>
    </>
  );
}
