/** One row of the timeline, with the lines above it. Plain elements only: menus and the like exist once per list. */
import { Ban, CornerUpLeft, MoreHorizontal } from 'lucide-react';
import { memo, type ReactNode, useContext, useId, useMemo } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { useShallow } from 'zustand/shallow';
import type { Message } from '../../gen/wire';
import { keysOf } from '../../lib/keys';
import { plainText } from '../../lib/plain';
import { clockTime, dayName, fullTime, shortTime } from '../../lib/time';
import { fileOfQuote, nameOf, type Place, useChat, useDrafts, useLook, useSession, useToday } from '../../state';
import { Avatar, IconButton, lazyPart, Pill } from '../../ui';
import type { FailedProps } from './failed-note';
import { FilesContext } from './files';
import type { Item } from './items';
import { Markdown } from './markdown';
import { Named } from './named';
import { useMenu } from './row-actions';
import { rowActionsOf } from './row-table';
import { SystemText } from './system-text';
import { type Shown, useMessage } from './use-message';

const FailedNote = lazyPart(() => import('./failed-note'));

export interface RowActions {
  reply(message: Message): void;
  edit(message: Message): void;
  /** Copies a text and tells it in these words. */
  copy(text: string, told: 'copied' | 'linkCopied'): void;
  recall(message: Message): void;
  jump(seq: number): void;
  /** Focus goes to where one writes. */
  compose(): void;
  openProfile(userId: number, anchor: Element): void;
  openMenu(item: Item, anchor: Element): void;
}

export interface RowProps {
  place: Place;
  item: Item;
  me: { readonly id: number; readonly username: string };
  /** Pointer or focus is on it: the toolbar shows. */
  hot: boolean;
  tabbable: boolean;
  flash: boolean;
  actions: RowActions;
  /** The room's own introduction, above its first row. */
  intro?: ReactNode;
}

export const Row = memo(function Row(props: RowProps) {
  const shown = useMessage(props.place, props.item, props.me.username);
  return shown ? <ShownRow {...props} shown={shown} /> : null;
});

function ShownRow(props: RowProps & { shown: Shown }) {
  const { place, item, tabbable, flash, intro, me, shown } = props;
  const { message, pending, change } = shown;
  const locale = useLocale();
  const clock = useLook((look) => look.clock);
  const t = useTranslations('timeline');
  // A row that takes the focus is read with its text.
  const id = useId();
  const read = { id, 'aria-labelledby': `${id} ${id}text` };
  const author = useChat((chat) => nameOf(chat.users[message.user_id]) || message.username);
  // What the menu or the question is about stays lit while they are open, wherever the pointer is.
  const held = useMenu(({ menu, recalling }) => menu?.item.key === item.key || recalling?.id === message.id);
  const target = useDrafts(({ places }) => {
    const draft = message.id === 0 ? undefined : places[place];
    return draft?.editing?.id === message.id || draft?.reply?.message_id === message.id;
  });
  const hot = props.hot || held;
  const named =
    message.user_id !== me.id && !message.recalled_at && (message.mentions_room || message.mentions.includes(me.id));
  return (
    <div className="tl-item">
      {item.start && intro}
      {item.day && (
        <div className="tl-day">
          <Day at={message.created_at} locale={locale} />
        </div>
      )}
      {item.fresh && (
        <div className="tl-new" data-testid="new-line">
          <span>{t('newMessages')}</span>
        </div>
      )}
      {message.type === 'system' ? (
        <article
          className="tl-row tl-system"
          data-key={item.key}
          data-flash={flash || undefined}
          tabIndex={tabbable ? 0 : -1}
          aria-label={clockTime(message.created_at, locale, clock)}
          {...read}
        >
          <span className="tl-dot" aria-hidden="true" />
          <p id={`${id}text`}>
            <SystemText message={message} also={item.also} me={me.id} />{' '}
            <time dateTime={message.created_at} data-tip={fullTime(message.created_at, locale, clock)}>
              {clockTime(message.created_at, locale, clock)}
            </time>
          </p>
        </article>
      ) : (
        <article
          className="tl-row"
          data-testid="message"
          data-key={item.key}
          data-head={item.head || undefined}
          data-hot={hot || undefined}
          data-named={named || undefined}
          data-target={target || undefined}
          data-flash={flash || undefined}
          data-state={pending?.state ?? change?.state}
          tabIndex={tabbable ? 0 : -1}
          aria-label={t('rowLabel', { name: author, time: clockTime(message.created_at, locale, clock) })}
          {...read}
        >
          <TextRow {...props} hot={hot} author={author} textId={`${id}text`} />
        </article>
      )}
    </div>
  );
}

/** What a day is called changes at midnight. */
function Day({ at, locale }: { at: string; locale: string }) {
  useToday();
  return <span>{dayName(at, locale)}</span>;
}

function TextRow({
  item,
  shown: { message, pending, change },
  me,
  hot,
  actions,
  author,
  textId,
}: RowProps & { shown: Shown; author: string; textId: string }) {
  const t = useTranslations('timeline');
  const locale = useLocale();
  const clock = useLook((look) => look.clock);
  const time = clockTime(message.created_at, locale, clock);
  const step = pending ?? change;
  const Files = useContext(FilesContext);
  const picture = useChat(({ users }) => users[message.user_id]?.avatar_url);
  const hasFiles = message.attachments.length > 0 || pending?.attachments !== undefined;
  const edited = useMemo(
    () =>
      message.edited_at && (
        <span className="tl-edited" data-tip={fullTime(message.edited_at, locale, clock)}>
          {t('edited')}
        </span>
      ),
    [message.edited_at, locale, clock, t],
  );
  return (
    <>
      {item.head ? (
        <button
          type="button"
          className="tl-avatar"
          tabIndex={-1}
          aria-label={t('profileOf', { name: author })}
          onClick={(event) => message.user_id !== 0 && actions.openProfile(message.user_id, event.currentTarget)}
        >
          <Avatar id={message.user_id || message.username} name={author} src={picture} />
        </button>
      ) : (
        <time className="tl-side-time" dateTime={message.created_at} aria-hidden="true">
          {shortTime(message.created_at, locale, clock)}
        </time>
      )}
      <div className="tl-content">
        {item.head && (
          <div className="tl-who">
            <button
              type="button"
              tabIndex={-1}
              onClick={(event) => message.user_id !== 0 && actions.openProfile(message.user_id, event.currentTarget)}
            >
              {author}
            </button>
            {message.guest && <Pill>{t('guest')}</Pill>}
            <time dateTime={message.created_at} data-tip={fullTime(message.created_at, locale, clock)}>
              {time}
            </time>
          </div>
        )}
        {message.reply_to && <Quote message={message} actions={actions} />}
        {message.recalled_at ? (
          <p className="tl-recalled" id={textId}>
            <Ban size={14} aria-hidden="true" />
            {message.user_id === me.id ? t('recalledByYou') : t('recalled')}
          </p>
        ) : (
          <div className="tl-said" id={textId}>
            {(message.content !== '' || !hasFiles) && (
              <div className="md" data-large={LARGE.test(message.content) || undefined}>
                <Markdown source={message.content} mentions={message.mention_spans} me={me.id} tail={edited} />
              </div>
            )}
            {hasFiles && Files && <Files message={message} sending={pending} />}
          </div>
        )}
        {step && <StepNote message={message} step={step} actions={actions} />}
      </div>
      {hot && !pending && !message.recalled_at && <Toolbar item={item} message={message} actions={actions} />}
    </>
  );
}

/** One to three emoji and nothing else: a gesture, not a text. */
const LARGE =
  /^\s*(?:(?::[a-z\d_-]{2,32}:|\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?(?:\u200d\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)*|\p{Regional_Indicator}{2})\s*){1,3}$/u;

function Quote({ message, actions }: { message: Message; actions: RowActions }) {
  const t = useTranslations('timeline');
  const quote = message.reply_to;
  const name = useChat((chat) => (quote ? nameOf(chat.users[quote.user_id]) || quote.username : ''));
  const file = useChat((chat) => fileOfQuote(chat, message.room_id, quote));
  if (!quote) return null;
  const kind = t('kind', { type: quote.message_type ?? 'text' });
  const words = plainText(quote.content);
  return (
    <button type="button" className="tl-quote" tabIndex={-1} onClick={() => actions.jump(quote.seq)}>
      <CornerUpLeft size={13} aria-hidden="true" />
      <b>{name}</b>
      <span dir="auto">
        {quote.recalled ? t('recalled') : words ? <Named text={words} source={quote.content} /> : file || kind}
      </span>
    </button>
  );
}

/** What the server does not have yet, or has refused. */
function StepNote({ message, step, actions }: FailedProps) {
  const t = useTranslations('timeline');
  if (step.state === 'failed') return <FailedNote message={message} step={step} actions={actions} />;
  return (
    <p className="tl-sending" data-waiting={step.state}>
      {step.state === 'queued' ? t('queued') : t('sending')}
    </p>
  );
}

function Toolbar({ item, message, actions }: { item: Item; message: Message; actions: RowActions }) {
  const t = useTranslations('timeline');
  const me = useSession((session) => session.me);
  const bar = useChat(useShallow((chat) => rowActionsOf(message, { chat, me }).filter((action) => action.bar)));
  return (
    <div className="tl-tools" role="toolbar" aria-label={t('tools')}>
      {bar.map(({ id, icon: Icon, run }) => (
        <IconButton
          key={id}
          size="small"
          tabIndex={-1}
          label={t(id)}
          keys={keysOf('message', id)}
          onClick={(event) => run(message, actions, event.currentTarget)}
        >
          <Icon size={16} />
        </IconButton>
      ))}
      <IconButton
        size="small"
        tabIndex={-1}
        label={t('more')}
        onClick={(event) => actions.openMenu(item, event.currentTarget)}
      >
        <MoreHorizontal size={16} />
      </IconButton>
    </div>
  );
}
