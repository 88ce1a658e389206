import {
  type EmojiPickerListCategoryHeaderProps,
  type EmojiPickerListEmojiProps,
  type EmojiPickerListRowProps,
  EmojiPicker as Frimousse,
} from 'frimousse';
import { Search, SmilePlus } from 'lucide-react';
import { type CSSProperties, type RefObject, useEffect, useRef, useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import './emoji.css';
import type { CustomEmoji } from '../../gen/wire';
import { needEmojis } from '../../net/emojis';
import { useEmojis } from '../../state/emojis';
import { IconButton, SkeletonRows } from '../../ui';
import { loadEmoji } from './data';
import { shortcode, useOwn } from './own';
import { recentEmoji, rememberEmoji } from './recent';
import { toned } from './tones';

const TONES = ['light', 'medium-light', 'medium', 'medium-dark', 'dark'] as const;
/** On a touch screen the focus would bring up the keyboard, over the emoji. */
const MOUSE = window.matchMedia('(pointer: fine)').matches;
/** Under a finger each needs more room. */
const COLUMNS = MOUSE ? 9 : 7;

/** The group of the place's own emoji, before all others. */
const OWN = -1;

/** Frimousse's shape of our data; it keeps the result by function and locale. */
async function resolve(locale: string, own: readonly CustomEmoji[], label: string) {
  const data = await loadEmoji(locale);
  const used = new Set([...data.emojis.map(([, group]) => group), ...own.map(() => OWN)]);
  const mine = own.map(({ name }) => {
    const written = shortcode(name);
    return { emoji: written, category: OWN, label: written, version: 0, tags: [] };
  });
  const others = data.emojis.map(([emoji, category, label, tags, names, skins]) => {
    const tones = skins === '*' ? TONES.map((_, tone) => toned(emoji, tone)) : skins.split(' ');
    return {
      emoji,
      category,
      label,
      version: 0,
      tags: [...tags.split('|'), ...names.split('|')].filter((word) => word !== ''),
      ...(skins === ''
        ? {}
        : {
            skins: Object.fromEntries(TONES.map((tone, at) => [tone, tones[at] ?? emoji])) as Record<
              (typeof TONES)[number],
              string
            >,
          }),
    };
  });
  return {
    locale,
    emojis: [...mine, ...others],
    categories: [{ index: OWN, label }, ...data.groups.map((name, index) => ({ index, label: name }))].filter((group) =>
      used.has(group.index),
    ),
    skinTones: { light: '', 'medium-light': '', medium: '', 'medium-dark': '', dark: '' },
  };
}

interface Source {
  readonly list: readonly CustomEmoji[];
  readonly label: string;
  /** Another picker is made for another source: it asks for its data once. */
  readonly times: number;
  readonly resolve: (locale: string) => ReturnType<typeof resolve>;
}
let latest: Source | undefined;

/** The same as before, whose result is kept, as long as the place's own emoji are the same. */
function sourceOf(list: readonly CustomEmoji[], label: string): Source {
  if (latest?.list !== list || latest.label !== label) {
    const times = (latest?.times ?? 0) + 1;
    latest = { list, label, times, resolve: (locale) => resolve(locale, list, label) };
  }
  return latest;
}

/** Rows and columns of a grid count from 1; the library starts at 0. */
function Row({ children, ...row }: EmojiPickerListRowProps) {
  const index = row['aria-rowindex'];
  const counted = { ...row, 'aria-rowindex': index === undefined ? undefined : index + 1 };
  return (
    <div {...counted} className="emoji-row">
      {children}
    </div>
  );
}

function CategoryHeader({ category, ...header }: EmojiPickerListCategoryHeaderProps) {
  return (
    <div {...header} className="emoji-group">
      {category.label}
    </div>
  );
}

function Emoji({ emoji, ...button }: EmojiPickerListEmojiProps) {
  const index = button['aria-colindex'];
  const counted = { ...button, 'aria-colindex': index === undefined ? undefined : index + 1 };
  return (
    <button {...counted} type="button" className="emoji-one" data-active={emoji.isActive || undefined}>
      <Drawn emoji={emoji.emoji} />
    </button>
  );
}

/** A character of a font, or a picture of the place. */
function Drawn({ emoji }: { emoji: string }) {
  const own = useOwn(emoji);
  return own ? <img className="emoji-own" src={own.url} alt="" draggable={false} loading="lazy" /> : emoji;
}

interface Group {
  readonly label: string;
  /** Its first emoji stands for it. */
  readonly emoji: string;
  readonly rows: number;
}

async function groupsOf(locale: string): Promise<readonly Group[]> {
  const data = await loadEmoji(locale);
  return data.groups.flatMap((label, index) => {
    const members = data.emojis.filter(([, group]) => group === index);
    const [first] = members;
    return first ? [{ label, emoji: first[0], rows: Math.ceil(members.length / COLUMNS) }] : [];
  });
}

/** The way to a group, without scrolling past all before it. */
function Groups({ locale, view }: { locale: string; view: RefObject<HTMLElement | null> }) {
  const t = useTranslations('emoji');
  const own = useEmojis(({ list }) => list);
  const [standard, setStandard] = useState<readonly Group[]>([]);
  const [first] = own;
  const groups = first
    ? [{ label: t('own'), emoji: shortcode(first.name), rows: Math.ceil(own.length / COLUMNS) }, ...standard]
    : standard;
  useEffect(() => {
    let stale = false;
    groupsOf(locale).then(
      (found) => !stale && setStandard(found),
      () => undefined,
    );
    return () => {
      stale = true;
    };
  }, [locale]);
  const show = (index: number) => {
    const list = view.current;
    if (!list) return;
    const style = getComputedStyle(list);
    const height = (name: string) => Number.parseFloat(style.getPropertyValue(`--frimousse-${name}-height`)) || 0;
    const rows = groups.slice(0, index).reduce((sum, group) => sum + group.rows, 0);
    list.scrollTop = index * height('category-header') + rows * height('row');
  };
  return (
    <fieldset className="emoji-groups" aria-label={t('groups')}>
      {groups.map((group, index) => (
        <button
          key={group.label}
          type="button"
          className="emoji-one"
          aria-label={group.label}
          data-tip={group.label}
          onClick={() => show(index)}
        >
          <Drawn emoji={group.emoji} />
        </button>
      ))}
    </fieldset>
  );
}

/** All emoji, to search and to pick. */
export default function EmojiPicker({ onPick, onManage }: { onPick: (emoji: string) => void; onManage: () => void }) {
  const t = useTranslations('emoji');
  const locale = useLocale();
  const [search, setSearch] = useState('');
  const own = useEmojis();
  const [used] = useState(recentEmoji);
  // One that was deleted is no emoji any more.
  const recent = used.filter((one) => one[0] !== ':' || own.byName.has(one.slice(1, -1)));
  useEffect(() => void needEmojis(), []);
  const source = sourceOf(own.list, t('own'));
  const view = useRef<HTMLDivElement>(null);
  const pick = (emoji: string) => {
    rememberEmoji(emoji);
    onPick(emoji);
  };
  return (
    <Frimousse.Root
      key={source.times}
      className="emoji"
      style={{ '--columns': COLUMNS } as CSSProperties}
      locale={locale}
      resolveEmojiData={source.resolve}
      columns={COLUMNS}
      onEmojiSelect={({ emoji }) => pick(emoji)}
    >
      <div className="emoji-search">
        <Search aria-hidden="true" />
        <Frimousse.Search
          aria-label={t('search')}
          placeholder={t('search')}
          value={search}
          autoFocus={MOUSE}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      {search === '' && <Groups locale={locale} view={view} />}
      {recent.length > 0 && search === '' && (
        <fieldset className="emoji-recent" aria-label={t('recent')}>
          {recent.slice(0, COLUMNS).map((emoji) => (
            <button key={emoji} type="button" className="emoji-one" aria-label={emoji} onClick={() => pick(emoji)}>
              <Drawn emoji={emoji} />
            </button>
          ))}
        </fieldset>
      )}
      <Frimousse.Viewport className="emoji-view" ref={view}>
        <Frimousse.Loading className="emoji-note">
          <SkeletonRows rows={3}>{t('loading')}</SkeletonRows>
        </Frimousse.Loading>
        <Frimousse.Empty className="emoji-note">{t('none')}</Frimousse.Empty>
        <Frimousse.List className="emoji-list" components={{ CategoryHeader, Row, Emoji }} />
      </Frimousse.Viewport>
      <div className="emoji-foot">
        <Frimousse.ActiveEmoji>
          {({ emoji }) =>
            emoji ? (
              <>
                <span className="emoji-large">
                  <Drawn emoji={emoji.emoji} />
                </span>
                <span>{emoji.label}</span>
              </>
            ) : (
              <span>{t('choose')}</span>
            )
          }
        </Frimousse.ActiveEmoji>
        <IconButton label={t('manage')} size="small" onClick={onManage}>
          <SmilePlus aria-hidden="true" />
        </IconButton>
        <Frimousse.SkinToneSelector className="emoji-tone" aria-label={t('skinTone')} data-tip={t('skinTone')} />
      </div>
    </Frimousse.Root>
  );
}
