/** The list of a place's messages: scrolling, paging, focus and the pills around it. One per open place. */
import { ArrowDown, ArrowUp } from 'lucide-react';
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTranslations } from 'use-intl';
import { VList, type VListHandle } from 'virtua';
import type { Room } from '../../gen/wire';
import { type ActionName, focusedByKeys, keyAction } from '../../lib/keys';
import { Wait } from '../../lib/wait';
import { markRead, WINDOW } from '../../net';
import { isText, nameOf, type Place, pendingOf, placeOf, rowsOf, useChat, useSession, useSteps } from '../../state';
import { Button, lazyPart } from '../../ui';
import './markdown.css';
import './timeline.css';
import { type Item, listItems, reuse } from './items';
import { MenuOnDemand } from './menu-on-demand';
import { Opening } from './opening';
import { Row } from './row';
import { MenuContext, useMenuStore, useRowActions } from './row-actions';
import { rowActionsOf } from './row-table';
import { standAt } from './spots';
import { distanceToEnd, Stance } from './stance';
import { useEscape } from './use-escape';
import { keyOf, useHot } from './use-hot';
import { useLongPress } from './use-long-press';
import { shownNow } from './use-message';
import { useMoves } from './use-moves';
import { usePages } from './use-pages';
import { useSeen } from './use-seen';
import { useSpot } from './use-spot';

export interface TimelineProps {
  place: Place;
  /** The room it is in. */
  room: Room;
  /** A position to open at, from the address. */
  jumpTo?: number | undefined;
  /** Room for the block above the first message. */
  intro: ReactNode;
  /** Jumping within the room changes the address. */
  onJump(seq: number): void;
  /** Back to the end: the address forgets the jump. */
  onLatest(): void;
  onOpenProfile(userId: number, anchor: Element): void;
  /** Focus goes back to where one writes. */
  onCompose(): void;
}

const Announcer = lazyPart(() => import('./announcer'), { place: 'nowhere' });

const DWELL_MS = 500;
const FLASH_MS = 2000;
/** Twice as many rows as are held of a place that is at rest. */
const CROWD = 2 * WINDOW;
const EMPTY_ROWS: readonly never[] = [];

export function Timeline({ place, room, jumpTo, intro, onJump, onLatest, onOpenProfile, onCompose }: TimelineProps) {
  const t = useTranslations('timeline');
  const account = useSession((session) => session.me);
  const me = useMemo(() => ({ id: account?.id ?? 0, username: account?.username ?? '' }), [account]);
  const at = jumpTo ?? 'latest';
  const stood = useMemo(() => standAt(place, at !== 'latest'), [place, at]);
  const spot = stood === 'end' ? undefined : stood;
  const pages = usePages(place, at, stood === 'end' ? 'latest' : (spot?.seq ?? at));
  const sends = useSteps((steps) => steps.sends);
  const [readUpTo, setReadUpTo] = useState(() => ((room.unread ?? 0) > 0 ? (room.read_seq ?? 0) : undefined));
  // How many they were then: reading the end takes the room's own count to nothing, and these are still above.
  const [newThen, setNewThen] = useState(room.unread ?? 0);
  const { span } = pages;
  const ids = span?.ids;
  // What the list takes from a message does not change, and a row looks at its own by itself.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows are those of the ids
  const rows = useMemo(() => rowsOf(useChat.getState(), place, span), [place, ids]);
  const former = useRef<readonly Item[]>([]);
  const items = useMemo(() => {
    const listed = listItems({
      rows,
      pending: pages.live ? pendingOf(sends, place, rows) : EMPTY_ROWS,
      me,
      readUpTo,
      complete: pages.complete,
      direct: room.kind === 'direct',
    });
    former.current = reuse(listed, former.current);
    return former.current;
  }, [rows, sends, pages.live, pages.complete, place, room.kind, me, readUpTo]);
  const keys = useMemo(() => items.map((item) => item.key), [items]);

  const list = useRef<VListHandle>(null);
  const frame = useRef<HTMLDivElement>(null);
  const stance = useRef(new Stance());
  const look = useRef(() => {});
  const { hold, aim, view: viewOf, lead, toRow, toEnd, begin } = useMoves(frame, list, keys, look);
  const settled = useRef(false);
  const [away, setAway] = useState(false);
  const [newCount, setSeenSeq] = useSeen(rows, readUpTo ?? room.last_seq, me.id);
  const { hot, byKeys, moves, rests, listeners } = useHot(frame);
  const [activeKey, setActiveKey] = useState<string>();
  const [flash, setFlash] = useState<number>();
  const which = `${at}/${pages.round}`;
  const opened = useRef(which);
  if (opened.current !== which) {
    opened.current = which;
    settled.current = false;
    stance.current = new Stance();
    begin();
  }
  const shift = stance.current.shifts(keys);
  const lastSeq = rows.at(-1)?.seq ?? 0;
  const lastKey = keys.at(-1);
  const mineWaits = items.at(-1)?.pending;

  // The first drawing decides where one stands: at the jump, at the first unread row, or at the end.
  useLayoutEffect(() => {
    const handle = list.current;
    if (!handle || items.length === 0 || settled.current) return;
    settled.current = true;
    const first = pages.round === 0;
    const wanted = first && stood !== 'end' ? (spot?.seq ?? jumpTo) : undefined;
    const target = wanted === undefined ? -1 : items.findIndex((item) => item.seq >= wanted);
    const fresh = first && jumpTo === undefined ? items.findIndex((item) => item.fresh) : -1;
    if (target >= 0 && spot) {
      stance.current.hold(false);
      toRow(keys[target], -spot.offset);
    } else if (target >= 0) {
      stance.current.hold(false);
      toRow(keys[target], 'middle');
      setFlash(jumpTo);
    } else if (fresh > 0) {
      stance.current.hold(false);
      toRow(keys[fresh], handle.viewportSize / 3);
    } else toEnd();
  }, [items, keys, jumpTo, stood, spot, pages.round, toRow, toEnd]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whether they shifted belongs to the keys
  useLayoutEffect(() => {
    stance.current.drawn(keys);
    const handle = list.current;
    const view = viewOf();
    if (!handle || !view) return;
    if (shift) hold.current.shifted(handle, keys, view);
    else hold.current.grown(handle, keys);
    lead();
  }, [keys]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last row is what this answers to
  useLayoutEffect(() => {
    if (settled.current && stance.current.stuck && pages.live) toEnd();
  }, [lastKey, pages.live, toEnd]);

  // One's own words always come into view, from wherever they were written.
  useLayoutEffect(() => {
    if (mineWaits && settled.current) {
      stance.current.hold(true);
      toEnd();
    }
  }, [mineWaits, toEnd]);

  // Where the end is not held they cannot be shown before it is.
  const mine = sends.findLast((send) => placeOf(send.room_id, send.thread) === place && send.state !== 'failed');
  const seenMine = useRef(mine?.id);
  useEffect(() => {
    if (mine && mine.id !== seenMine.current && !pages.live) toLatest.current();
    seenMine.current = mine?.id;
  }, [mine, pages.live]);

  useEffect(() => {
    if (flash === undefined) return;
    const timer = setTimeout(() => setFlash(undefined), FLASH_MS);
    return () => clearTimeout(timer);
  }, [flash]);

  const { note, forget } = useSpot(place, which, () => {
    const handle = list.current;
    if (!handle || !settled.current) return undefined;
    if (stance.current.stuck && pages.live) return 'end';
    const index = handle.findItemIndex(handle.scrollOffset);
    const row = items[index];
    if (!row?.id) return 'end';
    return { seq: row.seq, offset: handle.scrollOffset - handle.getItemOffset(index) };
  });

  const view = () => {
    const handle = list.current;
    return handle
      ? { offset: handle.scrollOffset, size: handle.viewportSize, total: handle.scrollSize }
      : { offset: 0, size: 0, total: 0 };
  };

  const onScroll = (offset: number) => {
    const seen = view();
    // Where it is led tells nothing of where one wants to be.
    if (!aim.current.scrolled(offset)) stance.current.scrolled(seen);
    if (list.current) hold.current.scrolled(list.current, keys, offset);
    note();
    const far = distanceToEnd(seen);
    setAway(far > seen.size);
    if (stance.current.stuck && pages.live) setSeenSeq(lastSeq);
    if (offset < seen.size * 2 && !pages.complete) pages.before();
    if (far < seen.size * 2 && !pages.live) pages.after();
    if (stance.current.stuck && pages.live) scheduleRead();
  };

  // A list too short to scroll says nothing by itself: once it is drawn and measured, look where one stands.
  const drawn = items.length > 0;
  look.current = () => {
    onScroll(list.current?.scrollOffset ?? 0);
    noteSeen();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: `which` tells of another list
  useEffect(() => {
    if (!drawn) return;
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => look.current());
    });
    return () => cancelAnimationFrame(frame);
  }, [drawn, which]);

  // A short page does not scroll: fill the view.
  useEffect(() => {
    const handle = list.current;
    if (handle && pages.span && !pages.complete && !pages.failed && handle.scrollSize <= handle.viewportSize * 1.5) {
      pages.before();
    }
  }, [pages]);

  const trim = () => {
    const handle = list.current;
    if (!handle) return;
    const first = items[handle.findItemIndex(handle.scrollOffset)];
    const last = items[handle.findItemIndex(handle.scrollOffset + handle.viewportSize)];
    const lastStored = last?.id ? last.seq : lastSeq;
    if (first?.id) pages.trim(first.seq, Math.max(first.seq, lastStored));
  };
  const noteSeen = () => {
    const handle = list.current;
    if (!handle || !settled.current) return;
    const seen = items[handle.findItemIndex(handle.scrollOffset + handle.viewportSize) - 1];
    if (seen?.id) setSeenSeq((before) => Math.max(before, seen.seq));
  };
  const trimNow = useRef(trim);
  trimNow.current = trim;
  // Where so much is said that the list never rests, it is trimmed as it runs.
  const crowded = rows.length > CROWD && stance.current.stuck;
  useEffect(() => {
    if (crowded) trimNow.current();
  }, [crowded]);

  const onScrollEnd = () => {
    rests();
    hold.current.rest();
    noteSeen();
    trim();
  };

  // Keeps the end, or what is read, in view when rows change their height (a code block, a font, the window).
  const onResize = () => {
    const view = viewOf();
    if (!list.current || !view) return;
    if (settled.current && stance.current.stuck && pages.live) toEnd();
    else if (!lead()) hold.current.resized(list.current, keys, view);
  };

  // Read is what was seen: the page has the focus, the end is in view, for a moment.
  const dwell = useRef(new Wait());
  const scheduleRead = useCallback(() => {
    dwell.current.start(DWELL_MS, () => {
      if (!document.hasFocus() || !stance.current.stuck || !settled.current) return;
      const current = useChat.getState().rooms[room.id];
      if (current) markRead(room.id, current.last_seq);
    });
  }, [room.id]);
  // Every new row may have been seen.
  useEffect(() => {
    if (pages.live && stance.current.stuck) {
      setSeenSeq(lastSeq);
      scheduleRead();
    }
  }, [lastSeq, pages.live, scheduleRead, setSeenSeq]);
  useEffect(() => {
    const onFocus = () => {
      const current = useChat.getState().rooms[room.id];
      if (current && (current.unread ?? 0) > 0) {
        setReadUpTo(current.read_seq ?? 0);
        setNewThen(current.unread ?? 0);
      }
      scheduleRead();
    };
    const wait = dwell.current;
    window.addEventListener('focus', onFocus);
    return () => {
      window.removeEventListener('focus', onFocus);
      wait.stop();
    };
  }, [room.id, scheduleRead]);

  const latest = () => {
    stance.current.hold(true);
    forget();
    if (pages.live) toEnd();
    else if (jumpTo === undefined) pages.toNewest();
    else onLatest();
  };

  const toLatest = useRef(latest);
  toLatest.current = latest;
  useEscape(frame, toLatest);

  const jump = useCallback(
    (seq: number) => {
      const index = items.findIndex((item) => item.seq === seq);
      if (index >= 0) {
        stance.current.hold(false);
        toRow(items[index]?.key, 'middle');
        setFlash(seq);
      } else onJump(seq);
    },
    [items, onJump, toRow],
  );

  const menu = useMenuStore();
  const actions = useRowActions({ place, menu, jump, onOpenProfile, onCompose });

  const activeIndex = Math.max(
    activeKey === undefined ? -1 : keys.indexOf(activeKey),
    activeKey === undefined || !keys.includes(activeKey) ? items.length - 1 : -1,
  );
  const rowOf = (key: string) =>
    frame.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) ?? undefined;
  const focusRow = (index: number) => {
    const item = items[index];
    if (!item) return;
    setActiveKey(item.key);
    toRow(item.key, 'sight');
    const focus = () => {
      const row = rowOf(item.key);
      row?.focus({ preventScroll: true });
      return row;
    };
    // At once where the row is there: the next arrow key may come before the next frame.
    if (!focus()) requestAnimationFrame(focus);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const row = event.target instanceof HTMLElement ? event.target : null;
    if (!row?.matches('.tl-row')) return;
    const index = items.findIndex((one) => one.key === row.dataset.key);
    const item = items[index];
    if (!item) return;
    const name = keyAction('message', event.nativeEvent);
    const act = name && keyAct(name, item, index);
    if (act) {
      event.preventDefault();
      act();
    }
  };

  const keyAct = (name: ActionName, item: Item, index: number): (() => void) | undefined => {
    const shown = shownNow(place, item, me.username);
    if (!shown) return undefined;
    const { message, pending } = shown;
    const anchor = rowOf(item.key);
    switch (name) {
      case 'firstMessage':
        return () => focusRow(0);
      case 'lastMessage':
        return () => focusRow(items.length - 1);
      case 'messageUp':
        return () => focusRow(index - 1);
      case 'messageDown':
        return () => focusRow(index + 1);
      case 'compose':
        return onCompose;
    }
    if (pending || !anchor) return undefined;
    if (name === 'messageMenu') return isText(message) ? () => actions.openMenu(item, anchor) : undefined;
    // After a click a letter is the beginning of a message.
    const action = focusedByKeys() ? rowActionsOf(message).find((one) => one.id === name) : undefined;
    return action && (() => action.run(message, actions, anchor));
  };

  const longPress = useLongPress((target) => {
    const key = keyOf(target);
    const item = items.find((one) => one.key === key);
    const anchor = target instanceof Element ? target.closest('.tl-row') : null;
    if (item && anchor && isText(item) && !item.pending) actions.openMenu(item, anchor);
  });

  // Where the end is not held, the room knows how many.
  const below = pages.live ? newCount : (room.unread ?? 0);
  const hiddenFresh =
    jumpTo === undefined && readUpTo !== undefined && pages.span !== undefined && pages.span.from > readUpTo + 1;

  if (pages.span === undefined || (items.length === 0 && !pages.complete)) {
    return (
      <div className="tl">
        <Opening pages={pages} onLatest={latest} />
      </div>
    );
  }

  return (
    <MenuContext value={menu}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the rows inside take the focus; this listens for all of them */}
      <div
        className="tl"
        ref={frame}
        onKeyDown={onKeyDown}
        {...listeners}
        onFocus={(event) => {
          const key = keyOf(event.target);
          if (key !== undefined) {
            setActiveKey(key);
            if (event.target.matches(':focus-visible')) byKeys(key);
          }
        }}
        {...longPress}
      >
        {pages.loadingBefore && <div className="tl-more" role="status" aria-label={t('loadingOlder')} />}
        {hiddenFresh && (
          <Button
            className="tl-pill"
            data-side="top"
            icon={<ArrowUp size={16} />}
            onClick={() => jump((readUpTo ?? 0) + 1)}
          >
            {t('unreadAbove', { count: newThen })}
          </Button>
        )}
        {items.length === 0 ? (
          <div className="tl-list tl-empty">{intro}</div>
        ) : (
          <VList
            key={which}
            ref={list}
            className="tl-list"
            role="log"
            aria-label={t('log')}
            aria-live="off"
            data={items}
            shift={shift}
            itemSize={64}
            bufferSize={600}
            keepMounted={activeIndex >= 0 ? [activeIndex] : EMPTY_ROWS}
            onScroll={(offset) => {
              moves();
              onScroll(offset);
            }}
            onScrollEnd={onScrollEnd}
            onResize={onResize}
          >
            {(item, index) => (
              <Row
                key={item.key}
                place={place}
                item={item}
                me={me}
                hot={hot === item.key}
                tabbable={index === activeIndex}
                flash={flash === item.seq}
                actions={actions}
                intro={item.start ? intro : undefined}
              />
            )}
          </VList>
        )}
        {(away || !pages.live) && (
          <Button
            className="tl-pill"
            data-side="bottom"
            data-testid="jump-latest"
            icon={<ArrowDown size={16} />}
            onClick={latest}
          >
            {below > 0 ? t('newBelow', { count: below }) : t('toLatest')}
          </Button>
        )}
        {pages.failed && (
          <Button className="tl-pill" data-side="top" onClick={pages.retry}>
            {t('olderFailed')}
          </Button>
        )}
        <Announcer rows={rows} me={me.id} nameOf={(id, name) => nameOf(useChat.getState().users[id]) || name} />
        <MenuOnDemand place={place} actions={actions} me={me} />
      </div>
    </MenuContext>
  );
}
