/** The box one writes in: drafts, formatting, completion, replying, editing, sending. It never loses a word. */
import { AtSign, Paperclip, SendHorizontal, Smile } from 'lucide-react';
import {
  type ClipboardEvent,
  type ComponentType,
  type KeyboardEvent,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useTranslations } from 'use-intl';
import type { Room } from '../../gen/wire';
import { type ActionName, isComposing, keyAction, keysOf, useTypeToCompose } from '../../lib/keys';
import { charCount } from '../../lib/plain';
import { editText, loadMembers, sendText, tellTyping } from '../../net';
import {
  changeOf,
  countReady,
  draftOf,
  type Place,
  rowsOf,
  spanAt,
  toDraft,
  useChat,
  useDrafts,
  useSession,
  useSteps,
  useUploads,
  withChange,
} from '../../state';
import { IconButton, lazyCode, lazyPart, toast } from '../../ui';
import './composer.css';
import { type Edit, inFence, namesEverybody, replaceRange, SIGNS, saidOf } from './caret';
import type { OpenList } from './completion';
import type { FilesHandle, FilesPartProps } from './files-part';
import type * as Formatting from './formatting';
import type { NamedWords } from './mode';
import type { OfferedEmoji } from './suggestions';
import type { CompletionKeys } from './use-completion';

const formatting = lazyCode(() => import('./formatting'));
const TypingLine = lazyPart(() => import('./typing-line'), {
  place: 'nowhere',
  waiting: <div className="cp-typing" />,
});
const Completion = lazyPart(() => import('./completion'), {
  wanted: ({ text }) => /[@:]/.test(text),
  place: 'nowhere',
});

const AskEverybody = lazyPart(() => import('./ask-everybody'), { wanted: ({ open }) => open, place: 'notice' });
const Marks = lazyPart(() => import('./marks'), { place: 'nowhere' });
const Mode = lazyPart(() => import('./mode'), { waiting: <div className="cp-mode" />, place: 'nowhere' });

/** The emoji feature, handed in by `app/`. */
export interface EmojiSupport {
  readonly Popover: ComponentType<{
    open: boolean;
    onClose: () => void;
    anchor: Element | null;
    onPick: (emoji: string) => void;
  }>;
  /** Called when the button is about to be pressed. */
  preload(): void;
  search(word: string, locale: string): Promise<readonly OfferedEmoji[]>;
  /** Draws a text in one line with the place's own emoji in it. */
  readonly Named: NamedWords;
}

export interface ComposerHandle {
  focus(): void;
  insert(text: string): void;
}

export interface ComposerProps {
  place: Place;
  /** The room it is in. */
  room: Room;
  title: string;
  emoji?: EmojiSupport | undefined;
  /** Files: how they come in, and what is seen of them; handed in by `app/`. */
  Files?: ComponentType<FilesPartProps> | undefined;
  ref?: Ref<ComposerHandle>;
}

/** The counter appears when this share of the limit is left. */
const NEAR = 0.1;
const coarse = () => matchMedia('(pointer: coarse)').matches;
const growsByItself = typeof CSS !== 'undefined' && CSS.supports('field-sizing', 'content');

export function Composer({ place, room, title, emoji, Files, ref }: ComposerProps) {
  const t = useTranslations('composer');
  const ui = useTranslations('ui');
  const draft = useDrafts((state) => draftOf(state, place));
  const me = useSession((session) => session.me);
  const limit = useSession((session) => session.limits.text_chars);
  const box = useRef<HTMLTextAreaElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [picking, setPicking] = useState(false);
  const [asking, setAsking] = useState(false);
  // It was sent before its files were in the tray: it goes with them, as soon as they are.
  const [due, setDue] = useState(false);
  const completion = useRef<CompletionKeys>(null);
  // A name that was closed before its code had come.
  const unfinished = useRef<Parameters<CompletionKeys['finish']>>(undefined);
  const [list, setList] = useState<OpenList>();

  const count = charCount(draft.text);
  const left = limit - count;
  const over = left < 0;
  const attaching = useRef<FilesHandle>(null);
  const [bar, setBar] = useState<Element | null>(null);
  const ready = useUploads(({ uploads }) => countReady(uploads, place));
  // Files speak for themselves: those of a message that is changed, or of the tray.
  const wordless = useChat(({ messages }) =>
    draft.editing ? (messages[room.id]?.[draft.editing.id]?.attachments.length ?? 0) > 0 : ready > 0,
  );
  const empty = draft.text.trim() === '' && !wordless;

  useImperativeHandle(ref, () => ({
    focus: () => box.current?.focus(),
    insert: (text) => insert(text),
  }));

  // A pointing device means a keyboard is at hand; on a phone the keyboard would cover what one came to read.
  useEffect(() => {
    if (!coarse()) box.current?.focus({ preventScroll: true });
  }, []);

  useTypeToCompose(box);

  const editingId = draft.editing?.id;
  const replyId = draft.reply?.message_id;
  useEffect(() => {
    if (editingId === undefined && replyId === undefined) return;
    const field = box.current;
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }, [editingId, replyId]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const field = box.current;
    if (!field || growsByItself) return;
    field.style.height = 'auto';
    field.style.height = `${field.scrollHeight}px`;
  }, [draft.text]);

  const write = (text: string) => {
    toDraft(place, { type: 'wrote', text });
    // Who begins to write may want it with one of the next keys.
    if (draft.text === '') formatting().catch(() => undefined);
    if (text.trim() !== '' && !draft.editing) tellTyping(room.id);
  };

  /** Through the field itself, so that the browser's undo knows of it. */
  const put = (text: string, start: number, end: number) => {
    const field = box.current;
    if (!field) return;
    field.focus();
    field.setSelectionRange(0, field.value.length);
    if (!document.execCommand?.('insertText', false, text)) field.setRangeText(text);
    field.setSelectionRange(start, end);
    write(text);
  };

  const insert = (words: string) => {
    const field = box.current;
    const from = field?.selectionStart ?? draft.text.length;
    const to = field?.selectionEnd ?? from;
    put(draft.text.slice(0, from) + words + draft.text.slice(to), from + words.length, from + words.length);
  };

  // Who is called is told first how many they are: a slip of the fingers rings in every pocket.
  const people = room.kind === 'room' ? room.member_count - 1 : 0;
  const send = (asked = false) => {
    const coming = attaching.current?.coming();
    if (coming) {
      // Where they do not come, nothing goes, and it was said.
      coming.then(
        () => setDue(true),
        () => undefined,
      );
      return;
    }
    if (empty || over) return;
    const content = saidOf(draft.text);
    const { editing, reply } = draft;
    if (!asked && people > 0 && namesEverybody(content) && !(editing && namesEverybody(editing.original))) {
      setAsking(true);
      return;
    }
    if (!editing) {
      sendText(place, content, reply);
      toDraft(place, { type: 'sent' });
      return;
    }
    if (content === saidOf(editing.original)) {
      toDraft(place, { type: 'cancelled' });
      return;
    }
    editText(place, editing.id, content);
    toDraft(place, { type: 'sent' });
    box.current?.focus();
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: once each time it is due
  useEffect(() => {
    if (!due) return;
    setDue(false);
    send();
  }, [due]);

  const editLast = (): boolean => {
    const chat = useChat.getState();
    const rows = rowsOf(chat, place, spanAt(chat.logs[place] ?? [], 'latest'));
    const { changes } = useSteps.getState();
    const mine = rows.filter((row) => row.user_id === me?.id && row.type !== 'system');
    const last = mine.map((row) => withChange(row, changeOf(changes, row.id))).findLast((row) => !row.recalled_at);
    if (!last) return false;
    toDraft(place, { type: 'edited', id: last.id, original: last.content });
    return true;
  };

  const mark = (sign: string) => {
    const go = ({ toggleMark }: typeof Formatting) => {
      if (!box.current) return;
      const next = toggleMark(editOf(box.current), sign);
      put(next.text, next.start, next.end);
    };
    const held = formatting.held();
    if (held) {
      go(held);
      return;
    }
    const { text } = draft;
    formatting().then(
      // Meanwhile other words may stand there, or none.
      (chunk) => box.current?.value === text && go(chunk),
      () =>
        toast({ text: ui('part.missing'), tone: 'error', action: { label: ui('retry'), onAction: () => mark(sign) } }),
    );
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event.nativeEvent)) return;
    if (completion.current?.onKeyDown(event)) return;
    if (act(keyAction('composer', event.nativeEvent), event.currentTarget.selectionStart)) event.preventDefault();
  };

  /** Whether the key meant something here. */
  const act = (action: ActionName<'composer'> | undefined, caret: number): boolean => {
    switch (action) {
      case 'send':
        // In a block of code, and where the keyboard is on the screen, this key ends the line and not the message.
        if (coarse() || inFence(draft.text, caret)) return false;
        send();
        return true;
      case 'sendNow':
        send();
        return true;
      case 'newline':
        // The browser does it for Shift+Enter alone, and these may be other keys.
        return document.execCommand?.('insertText', false, '\n') ?? false;
      case 'cancel':
        return toDraft(place, { type: 'cancelled' });
      case 'editLast':
        return draft.text === '' && editLast();
      case 'bold':
      case 'italic':
      case 'code':
      case 'strike':
        mark(SIGNS[action]);
        return true;
      default:
        return false;
    }
  };

  const onPaste = (event: ClipboardEvent<HTMLTextAreaElement>) => {
    const { selectionStart, selectionEnd } = event.currentTarget;
    if (attaching.current?.pasted(event)) {
      event.preventDefault();
      return;
    }
    const pasted = event.clipboardData.getData('text/plain');
    if (selectionStart === selectionEnd || !/^\s*https?:\/\/\S+\s*$/i.test(pasted)) return;
    event.preventDefault();
    const paste = (linked?: typeof Formatting.linked) => {
      if (!box.current) return;
      const now = editOf(box.current);
      const next = linked?.(now, pasted) ?? replaceRange(now, now.start, now.end, pasted);
      put(next.text, next.start, next.end);
    };
    const held = formatting.held();
    if (held) paste(held.linked);
    else
      formatting().then(
        ({ linked }) => paste(linked),
        () => paste(),
      );
  };

  const coding = inFence(draft.text, draft.text.length);
  return (
    <div className="cp" data-testid="composer">
      <TypingLine roomId={room.id} />
      <Completion
        ref={(keys: CompletionKeys | null) => {
          completion.current = keys;
          if (!keys || !unfinished.current) return;
          keys.finish(...unfinished.current);
          unfinished.current = undefined;
        }}
        room={room}
        field={box}
        text={draft.text}
        me={me?.id ?? 0}
        put={put}
        search={emoji?.search}
        onList={setList}
      />
      <div className="cp-box" data-over={over || undefined} data-coverable="" ref={frame}>
        {(draft.reply || draft.editing) && (
          <Mode
            roomId={room.id}
            draft={draft}
            Named={emoji?.Named}
            onCancel={() => toDraft(place, { type: 'cancelled' })}
          />
        )}
        {Files && <Files ref={attaching} place={place} title={title} field={box} bar={bar} />}
        <textarea
          ref={box}
          className="cp-text"
          dir="auto"
          rows={1}
          value={draft.text}
          placeholder={t('placeholder', { room: title, kind: room.kind })}
          aria-label={t('placeholder', { room: title, kind: room.kind })}
          aria-autocomplete="list"
          aria-controls={list?.id}
          aria-activedescendant={list?.activeId}
          aria-invalid={over || undefined}
          enterKeyHint={coarse() ? 'enter' : 'send'}
          onChange={(event) => {
            const { value, selectionStart } = event.target;
            write(value);
            completion.current?.onInput(selectionStart);
            if ((event.nativeEvent as InputEvent).data === ':') {
              if (completion.current) completion.current.finish(value, selectionStart);
              else unfinished.current = [value, selectionStart];
            }
          }}
          onFocus={() => void (useChat.getState().members[room.id] ?? loadMembers(room.id))}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onSelect={() => completion.current?.onSelect()}
          onBlur={() => completion.current?.close()}
        />
        <div className="cp-bar">
          {Files && (
            <IconButton
              className="cp-attach"
              label={t('attach')}
              keys={keysOf('page', 'attach')}
              onClick={({ currentTarget }) => attaching.current?.ask(currentTarget)}
            >
              <Paperclip size={18} />
            </IconButton>
          )}
          {emoji && (
            <IconButton
              label={t('emoji')}
              aria-haspopup="dialog"
              aria-expanded={picking}
              onPointerEnter={emoji.preload}
              onFocus={emoji.preload}
              onClick={() => setPicking(true)}
            >
              <Smile size={18} />
            </IconButton>
          )}
          <IconButton
            className="cp-at"
            label={t('mention')}
            onClick={() => insert(needsSpace(box.current) ? ' @' : '@')}
          >
            <AtSign size={18} />
          </IconButton>
          <Marks onMark={mark} />
          <span className="cp-more" ref={setBar} />
          <span className="cp-hint" aria-hidden="true">
            {coding ? t('sendHint') : draft.text.includes('\n') || draft.text === '' || over ? null : t('newlineHint')}
          </span>
          {left <= limit * NEAR && (
            <span className="cp-count" data-over={over || undefined} role="status">
              {over ? t('tooLong', { count: -left }) : t('left', { count: left })}
            </span>
          )}
          <button
            type="button"
            className="cp-send"
            data-testid="send"
            data-ready={(!empty && !over) || undefined}
            aria-disabled={empty || over || undefined}
            aria-label={draft.editing ? t('save') : t('send')}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => send()}
          >
            <span>{draft.editing ? t('save') : t('send')}</span>
            <SendHorizontal size={18} aria-hidden="true" />
          </button>
        </div>
      </div>
      <AskEverybody open={asking} onClose={() => setAsking(false)} people={people} onConfirm={() => send(true)} />
      {emoji && (
        <emoji.Popover open={picking} onClose={() => setPicking(false)} anchor={frame.current} onPick={insert} />
      )}
    </div>
  );
}

/** As the field has it now: the code that changes it may have come a moment after the key. */
function editOf({ value: text, selectionStart: start, selectionEnd: end }: HTMLTextAreaElement): Edit {
  return { text, start, end };
}

function needsSpace(field: HTMLTextAreaElement | null): boolean {
  const before = field?.value.slice(0, field.selectionStart) ?? '';
  return before !== '' && !/\s$/.test(before);
}
