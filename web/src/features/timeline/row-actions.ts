/** What can be done with a row, and the menu of a timeline, which is one for all its rows. */
import { createContext, useContext, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { createStore, type StoreApi, useStore } from 'zustand';
import type { Message } from '../../gen/wire';
import { copyText } from '../../lib/clipboard';
import { type Place, toDraft } from '../../state';
import { toast } from '../../ui';
import type { Item } from './items';
import type { RowActions } from './row';

interface MenuState {
  readonly menu: { readonly item: Item; readonly anchor: Element } | null;
  readonly recalling: Message | null;
}

export type MenuStore = StoreApi<MenuState>;

/** Each timeline has its own; a small store, for opening the menu must not draw the list again. */
export function useMenuStore(): MenuStore {
  return useState(() => createStore<MenuState>(() => ({ menu: null, recalling: null })))[0];
}

export const MenuContext = createContext<MenuStore | null>(null);

/** The menu of the timeline that this is in. */
export function useMenu<T>(select: (state: MenuState) => T): T {
  return useStore(useMenuOwner(), select);
}

export function useMenuOwner(): MenuStore {
  const store = useContext(MenuContext);
  if (!store) throw new Error('a row stands in a timeline');
  return store;
}

export interface RowActionDeps {
  place: Place;
  menu: MenuStore;
  jump(seq: number): void;
  onOpenProfile(userId: number, anchor: Element): void;
  onCompose(): void;
}

/** They stay the same while the place does, or every row would be drawn for them. */
export function useRowActions(deps: RowActionDeps): RowActions {
  const t = useTranslations('timeline');
  const { place, menu } = deps;
  const held = useRef(deps);
  held.current = deps;
  return useMemo(
    () => ({
      jump: (seq) => held.current.jump(seq),
      openProfile: (userId, anchor) => held.current.onOpenProfile(userId, anchor),
      openMenu: (item, anchor) => menu.setState({ menu: { item, anchor } }),
      reply: (message) => {
        const { id: message_id, seq, user_id, username, type: message_type } = message;
        const content = [...message.content].slice(0, 200).join('');
        const reply = { message_id, seq, user_id, username, content, recalled: false, message_type };
        toDraft(place, { type: 'replied', reply });
        held.current.onCompose();
      },
      edit: (message) => {
        toDraft(place, { type: 'edited', id: message.id, original: message.content });
        held.current.onCompose();
      },
      copy: (text, told) => {
        copyText(text).then(
          () => toast({ text: t(told), tone: 'ok' }),
          () => toast({ text: t('copyFailed'), tone: 'error' }),
        );
      },
      recall: (message) => menu.setState({ recalling: message }),
      compose: () => held.current.onCompose(),
    }),
    [place, menu, t],
  );
}
