import { CornerDownLeft, Search, X } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import './quick-switch.css';
import type { Presence } from '../../gen/wire';
import { type ActionName, isComposing, keyAction, keysOf } from '../../lib/keys';
import { Avatar, Badge, Dialog, IconButton, Kbd, RoomTile } from '../../ui';
import { type Candidate, type Ranked, rank } from './fuzzy';
import { type Find, useFind } from './use-find';
import { usePinyin } from './use-pinyin';
import { wantedBy } from './wanted';

interface Target {
  key: string;
  name: string;
  /** Other names it can be found by: a user name, a word in the other language. */
  aliases?: readonly string[];
  /** When it was last used, in ms; actions and strangers have none. */
  lastUsed?: number;
  onChoose: () => void;
}

export interface RoomTarget extends Target {
  kind: 'room';
  id: number;
  picture: string | undefined;
  detail?: string;
  unread?: boolean;
  mentions?: number;
}

export interface PersonTarget extends Target {
  kind: 'person';
  id: number;
  picture: string | undefined;
  username: string;
  presence?: Presence | undefined;
  unread?: boolean;
  mentions?: number;
}

export interface ActionTarget extends Target {
  kind: 'action';
  icon: ReactNode;
  keys?: string;
}

export type SwitchTarget = RoomTarget | PersonTarget | ActionTarget;

const LIMIT = 40;
const RANKS = { room: 0, person: 1, action: 2 };

type Row = SwitchTarget & Candidate;

/** A person with whom one talks already is listed once, as that conversation. */
const nounOf = (target: SwitchTarget) => (target.kind === 'action' ? target.key : `${target.kind} ${target.id}`);

/** Where to? Rooms, people and actions by a few letters; the last used first. */
export function QuickSwitch({
  open,
  onClose,
  targets,
  find,
}: {
  open: boolean;
  onClose: () => void;
  /** What this page knows. */
  targets: readonly SwitchTarget[];
  /** What the server knows beyond that. */
  find: Find;
}) {
  const t = useTranslations('quickSwitch');
  return (
    <Dialog open={open} onClose={onClose} title={t('title')} hideTitle placement="top" className="switch">
      <Switcher targets={targets} find={find} onClose={onClose} />
    </Dialog>
  );
}

function Switcher({ targets, find, onClose }: { targets: readonly SwitchTarget[]; find: Find; onClose: () => void }) {
  const t = useTranslations('quickSwitch');
  const ui = useTranslations('ui');
  const id = useId();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);

  const wanted = useMemo(() => wantedBy(query), [query]);
  const answer = useFind(find, wanted);
  const rows = useMemo<readonly Row[]>(() => {
    const known = new Set(targets.map(nounOf));
    const all = [...targets, ...answer.targets.filter((target) => !known.has(nounOf(target)))];
    return all
      .filter((target) => wanted.kind === undefined || target.kind === wanted.kind)
      .map((target) => ({
        ...target,
        names: [target.name, ...(target.kind === 'person' ? [target.username] : []), ...(target.aliases ?? [])],
        recency: target.lastUsed ?? 0,
        rank: RANKS[target.kind],
      }));
  }, [targets, answer.targets, wanted.kind]);
  const names = useMemo(() => rows.map((row) => row.name), [rows]);
  const sounds = usePinyin(wanted.words, names);
  const found = useMemo(() => rank(wanted.words, rows, LIMIT, sounds), [wanted.words, rows, sounds]);
  const chosen = Math.min(at, found.length - 1);

  useEffect(() => {
    list.current?.querySelector(`#${CSS.escape(`${id}-${chosen}`)}`)?.scrollIntoView({ block: 'nearest' });
  }, [chosen, id]);

  const choose = (row: Ranked<Row> | undefined) => {
    if (!row) return;
    onClose();
    row.item.onChoose();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    const action = keyAction('list', event.nativeEvent);
    const last = found.length - 1;
    const next = chosen >= last ? 0 : chosen + 1;
    const previous = chosen <= 0 ? last : chosen - 1;
    const step: Partial<Record<ActionName, number>> = {
      next,
      nextToo: next,
      previous,
      previousToo: previous,
      pageDown: Math.min(chosen + 8, last),
      pageUp: Math.max(chosen - 8, 0),
    };
    const to = action && step[action];
    if (to !== undefined) setAt(to);
    else if (action === 'take') choose(found[chosen]);
    else return;
    event.preventDefault();
  };

  return (
    <div className="switch-body">
      <div className="switch-field">
        <Search aria-hidden="true" />
        <input
          role="combobox"
          aria-label={t('label')}
          aria-expanded={found.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
          placeholder={t('placeholder')}
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          // biome-ignore lint/a11y/noAutofocus: the dialog exists to be typed into
          autoFocus
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <IconButton className="switch-close" label={ui('close')} onClick={onClose}>
          <X aria-hidden="true" />
        </IconButton>
      </div>
      <div ref={list} id={`${id}-list`} role="listbox" aria-label={t('results')} className="switch-list">
        {found.map((row, place) => (
          <Option
            key={row.item.key}
            id={`${id}-${place}`}
            row={row}
            chosen={place === chosen}
            onPoint={() => setAt(place)}
            onChoose={() => choose(row)}
          />
        ))}
      </div>
      {answer.state === 'failed' && <p className="switch-none">{t('failed')}</p>}
      {found.length === 0 && answer.state !== 'failed' && (
        <p className="switch-none">{answer.state === 'asking' ? t('asking') : t('none', { query: wanted.words })}</p>
      )}
      <p className="ui-hidden" role="status">
        {query.trim() === '' || answer.state === 'asking' ? '' : t('found', { count: found.length })}
      </p>
      <footer className="switch-foot" aria-hidden="true">
        <span>
          <Kbd keys={keysOf('list', 'previous')} /> <Kbd keys={keysOf('list', 'next')} /> {t('move')}
        </span>
        <span>
          <kbd className="switch-enter">
            <CornerDownLeft />
          </kbd>{' '}
          {t('choose')}
        </span>
        <span>
          <Kbd keys={keysOf('list', 'leave')} /> {t('close')}
        </span>
      </footer>
    </div>
  );
}

function Option({
  id,
  row,
  chosen,
  onPoint,
  onChoose,
}: {
  id: string;
  row: Ranked<Row>;
  chosen: boolean;
  onPoint: () => void;
  onChoose: () => void;
}) {
  const t = useTranslations('quickSwitch');
  const { item, hits } = row;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the field that owns the list
    // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the option by aria-activedescendant
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      className="switch-option"
      data-unread={(item.kind !== 'action' && item.unread) || undefined}
      onPointerMove={chosen ? undefined : onPoint}
      onClick={onChoose}
    >
      {item.kind === 'room' && <RoomTile id={item.id} name={item.name} src={item.picture} />}
      {item.kind === 'person' && (
        <Avatar id={item.id} name={item.name} size={24} presence={item.presence} src={item.picture} />
      )}
      {item.kind === 'action' && <span className="switch-icon">{item.icon}</span>}
      <span className="switch-name">
        <Marked text={item.name} hits={hits} />
        {item.kind === 'person' && item.username !== item.name && (
          <span className="switch-detail">@{item.username}</span>
        )}
        {item.kind === 'room' && item.detail && <span className="switch-detail">{item.detail}</span>}
      </span>
      {item.kind === 'action' ? (
        item.keys && <Kbd keys={item.keys} />
      ) : (
        <Badge count={item.mentions ?? 0} tone="mention" label={t('mentions', { count: item.mentions ?? 0 })} />
      )}
      {item.kind !== 'action' && item.unread && !item.mentions && (
        <span className="switch-dot">
          <span className="ui-hidden">{t('unread')}</span>
        </span>
      )}
    </div>
  );
}

/** The name with the letters that matched in bold, runs together. */
function Marked({ text, hits }: { text: string; hits: readonly number[] }) {
  if (hits.length === 0) return <span>{text}</span>;
  const marked = new Set(hits);
  const parts: { at: number; text: string; hit: boolean }[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const hit = marked.has(at);
    const last = parts.at(-1);
    if (last && last.hit === hit) last.text += text.charAt(at);
    else parts.push({ at, text: text.charAt(at), hit });
  }
  return <span>{parts.map((part) => (part.hit ? <mark key={part.at}>{part.text}</mark> : part.text))}</span>;
}
