/** The list on the desk: rooms, then direct conversations. However long it is, what is unread out of sight is told, and only what is in sight is drawn. */
import { ArrowDown, ArrowUp, ChevronDown, Plus } from 'lucide-react';
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
import { useLocale, useTranslations } from 'use-intl';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import type { Room } from '../../gen/wire';
import { keyAction } from '../../lib/keys';
import { isUnread, myRooms, titleOf, useChat, useSession } from '../../state';
import { Button, IconButton, Skeleton } from '../../ui';
import { showUnreadOnly, useDesk } from './desk';
import { Entry } from './entry';
import { useOpen } from './folded';
import { byName, bySection, keepOrder } from './order';
import { useHeld } from './use-held';
import './rooms.css';

const ROW_PX = 32;
/** A row of which less is to be seen does not count as seen. */
const SLIVER_PX = 12;
/** So long is waited for a row to be drawn. */
const FRAMES = 20;

type Section = 'rooms' | 'direct';
type Line =
  | { readonly kind: 'head'; readonly section: Section; readonly open: boolean }
  | { readonly kind: 'room'; readonly room: Room }
  | { readonly kind: 'none'; readonly section: Section }
  | { readonly kind: 'foot' };

export function RoomList({
  current,
  loading,
  foot,
  onCreate,
  onStartDirect,
}: {
  current: number | undefined;
  loading: boolean;
  /** At the end of the list. */
  foot: ReactNode;
  onCreate(): void;
  onStartDirect(): void;
}) {
  const t = useTranslations('rooms');
  const locale = useLocale();
  const rooms = useChat((chat) => chat.rooms);
  const { sort, unreadOnly } = useDesk();
  const [roomsOpen, openRooms] = useOpen('rooms');
  const [directOpen, openDirect] = useOpen('direct');
  const { held, watch } = useHeld();

  const wanted = useMemo(() => {
    const mine = myRooms(rooms);
    const title = (room: Room) => titleOf(room, useChat.getState().users, useSession.getState().me);
    const open = (room: Room) => !unreadOnly && (room.kind === 'room' ? roomsOpen : directOpen);
    // A closed section still tells where one is and what is new.
    const seen = mine.filter((room) => open(room) || room.id === current || isUnread(room));
    return bySection(sort === 'name' ? byName(seen, title, locale) : seen);
  }, [rooms, sort, unreadOnly, roomsOpen, directOpen, current, locale]);
  const mode = `${sort} ${unreadOnly} ${roomsOpen} ${directOpen}`;
  const former = useRef({ mode, ids: [] as readonly number[] });
  const shown = held && former.current.mode === mode ? keepOrder(former.current.ids, wanted, rooms) : wanted;
  const ids = shown.map((room) => room.id);
  former.current = { mode, ids };
  const order = ids.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same rooms in the same order are no news
  useEffect(() => useDesk.setState({ shown: former.current.ids }), [order]);

  const lines = useMemo((): readonly Line[] => {
    const section = (id: Section, kind: Room['kind'], open: boolean): Line[] => {
      const own = shown.filter((room) => room.kind === kind);
      const none = own.length === 0 && id === 'direct' && open && !unreadOnly;
      return [
        { kind: 'head', section: id, open },
        ...own.map((room): Line => ({ kind: 'room', room })),
        ...(none ? [{ kind: 'none', section: id } as const] : []),
      ];
    };
    return [...section('rooms', 'room', roomsOpen), ...section('direct', 'direct', directOpen), { kind: 'foot' }];
  }, [shown, roomsOpen, directOpen, unreadOnly]);

  const list = useRef<VirtualizerHandle>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<number>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: in another room Tab comes to that one
  useEffect(() => setActive(undefined), [current]);
  const stop = [active, current].find((id) => id !== undefined && ids.includes(id)) ?? ids[0];
  const lineOf = (id: number | undefined) => lines.findIndex((line) => line.kind === 'room' && line.room.id === id);
  const kept = [lineOf(stop), lineOf(current)].filter((index) => index >= 0);

  // The unread rooms that are out of sight, and the nearest on each side.
  const [hidden, setHidden] = useState({ above: 0, below: 0 });
  const unread = useMemo(
    () => lines.flatMap((line, index) => (line.kind === 'room' && isUnread(line.room) ? [index] : [])),
    [lines],
  );
  const look = () => {
    const handle = list.current;
    if (!handle || handle.viewportSize === 0) return { above: [], below: [] };
    const first = handle.findItemIndex(handle.scrollOffset + SLIVER_PX);
    const last = handle.findItemIndex(handle.scrollOffset + handle.viewportSize - SLIVER_PX);
    return { above: unread.filter((index) => index < first), below: unread.filter((index) => index > last) };
  };
  const count = () => {
    const { above, below } = look();
    setHidden((was) =>
      was.above === above.length && was.below === below.length ? was : { above: above.length, below: below.length },
    );
  };
  const countNow = useRef(count);
  countNow.current = count;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list has others out of sight
  useLayoutEffect(() => countNow.current(), [unread]);
  const onMoved = useCallback(() => countNow.current(), []);
  const toNearest = (side: 'above' | 'below') => {
    const nearest = side === 'above' ? look().above.at(-1) : look().below[0];
    if (nearest === undefined) return;
    const smooth = !matchMedia('(prefers-reduced-motion: reduce)').matches;
    list.current?.scrollToIndex(nearest, { align: 'center', smooth });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const row = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('.rl-row') : null;
    const action = row && keyAction('rooms', event.nativeEvent);
    if (!action) return;
    event.preventDefault();
    const at = ids.indexOf(Number(row.dataset.room));
    const next = ids[{ roomDown: at + 1, roomUp: at - 1, firstRoom: 0, lastRoom: ids.length - 1 }[action]];
    if (next === undefined) return;
    setActive(next);
    list.current?.scrollToIndex(lineOf(next), { align: 'nearest' });
    focusWhenShown(() => frame.current?.querySelector<HTMLElement>(`[data-room="${next}"]`));
  };

  if (loading) return <Skeleton lines={9} className="rl-skeleton" />;

  const draw = (line: Line) => {
    switch (line.kind) {
      case 'head':
        return (
          <Head
            key={line.section}
            section={line.section}
            title={t(line.section)}
            open={line.open}
            onOpen={line.section === 'rooms' ? openRooms : openDirect}
            add={t(line.section === 'rooms' ? 'create' : 'startDirect')}
            onAdd={line.section === 'rooms' ? onCreate : onStartDirect}
          />
        );
      case 'room':
        return (
          <Entry
            key={line.room.id}
            room={line.room}
            current={line.room.id === current}
            tabbable={line.room.id === stop}
          />
        );
      case 'none':
        return (
          <div key="none" className="rl-none">
            <button type="button" onClick={onStartDirect}>
              {t('noDirect')}
            </button>
          </div>
        );
      case 'foot':
        return <div key="foot">{foot}</div>;
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the links inside take the focus; this listens for all of them
    <div
      className="rl"
      ref={frame}
      onKeyDown={onKeyDown}
      {...watch}
      onFocus={(event) => {
        watch.onFocus(event);
        const row = event.target.closest<HTMLElement>('.rl-row');
        if (row) setActive(Number(row.dataset.room));
      }}
    >
      {unreadOnly && (
        <div className="rl-filter">
          <span role="status">{shown.some(isUnread) ? t('unreadOnly') : t('nothingUnread')}</span>
          <Button size="small" variant="plain" onClick={() => showUnreadOnly(false)}>
            {t('showAll')}
          </Button>
        </div>
      )}
      <div className="rl-scroll">
        <Virtualizer
          ref={list}
          as="ul"
          item="li"
          data={lines}
          itemSize={ROW_PX}
          bufferSize={300}
          keepMounted={kept}
          onScroll={onMoved}
          onResize={onMoved}
        >
          {draw}
        </Virtualizer>
      </div>
      {(['above', 'below'] as const).map(
        (side) =>
          hidden[side] > 0 && (
            <Button
              key={side}
              className="rl-pill"
              data-side={side}
              tabIndex={-1}
              icon={side === 'above' ? <ArrowUp size={14} /> : <ArrowDown size={14} />}
              aria-label={
                side === 'above' ? t('unreadAbove', { count: hidden.above }) : t('unreadBelow', { count: hidden.below })
              }
              onClick={() => toNearest(side)}
            >
              {t('unreadMany', { count: hidden[side] })}
            </Button>
          ),
      )}
    </div>
  );
}

/** Far away a row is drawn and measured first, and until then it takes no focus. */
function focusWhenShown(find: () => HTMLElement | null | undefined, frames = FRAMES): void {
  const row = find();
  row?.focus({ preventScroll: true });
  if (frames > 0 && (!row || document.activeElement !== row)) {
    requestAnimationFrame(() => focusWhenShown(find, frames - 1));
  }
}

function Head({
  section,
  title,
  open,
  onOpen,
  add,
  onAdd,
}: {
  section: Section;
  title: string;
  open: boolean;
  onOpen(open: boolean): void;
  add: string;
  onAdd(): void;
}) {
  return (
    <div className="rl-head" data-section={section}>
      <h2>
        <button type="button" aria-expanded={open} onClick={() => onOpen(!open)}>
          {title}
          <ChevronDown size={13} aria-hidden="true" />
        </button>
      </h2>
      <IconButton size="small" label={add} onClick={onAdd}>
        <Plus size={16} />
      </IconButton>
    </div>
  );
}
