/** Every key of the client, by name. The help, the settings page and the dispatcher read the same list. */
import { useOwnKeys } from './own';

/**
 * What the keys of each place do. `Mod` is Ctrl, or ⌘ on Apple's keyboards; `Ctrl` is Ctrl on all. The last part is a
 * `KeyboardEvent.key`, a letter in upper case.
 */
export const KEYS = {
  /** Dispatched by `usePageKeys`; the keys of the others are asked for where the focus is. */
  page: {
    jump: 'Mod+K',
    previousRoom: 'Alt+ArrowUp',
    nextRoom: 'Alt+ArrowDown',
    previousUnread: 'Alt+Shift+ArrowUp',
    nextUnread: 'Alt+Shift+ArrowDown',
    readAll: 'Shift+Escape',
    panel: 'Mod+.',
    attach: 'Mod+U',
    help: 'Mod+/',
    landmark: 'F6',
    previousLandmark: 'Shift+F6',
  },
  composer: {
    send: 'Enter',
    sendNow: 'Mod+Enter',
    newline: 'Shift+Enter',
    editLast: 'ArrowUp',
    cancel: 'Escape',
    bold: 'Mod+B',
    italic: 'Mod+I',
    code: 'Mod+E',
    strike: 'Mod+Shift+X',
  },
  message: {
    messageUp: 'ArrowUp',
    messageDown: 'ArrowDown',
    firstMessage: 'Home',
    lastMessage: 'End',
    messageMenu: 'Enter',
    reply: 'R',
    edit: 'E',
    copy: 'C',
    recall: 'Delete',
    compose: 'Escape',
  },
  /** What one chooses from while one writes. */
  list: {
    next: 'ArrowDown',
    previous: 'ArrowUp',
    pageDown: 'PageDown',
    pageUp: 'PageUp',
    // What Emacs and many a terminal taught the fingers.
    nextToo: 'Ctrl+N',
    previousToo: 'Ctrl+P',
    take: 'Enter',
    complete: 'Tab',
    leave: 'Escape',
  },
  /** Where several things are chosen by their names. */
  several: {
    takeBack: 'Backspace',
  },
  /** The list of rooms on the desk. */
  rooms: {
    roomUp: 'ArrowUp',
    roomDown: 'ArrowDown',
    firstRoom: 'Home',
    lastRoom: 'End',
  },
  tabs: {
    nextTab: 'ArrowRight',
    previousTab: 'ArrowLeft',
    firstTab: 'Home',
    lastTab: 'End',
  },
  /** The edge of the desk. */
  edge: {
    narrower: 'ArrowLeft',
    wider: 'ArrowRight',
    narrowest: 'Home',
    widest: 'End',
  },
  /** A picture in front of the page; on many keyboards + is a = with Shift. */
  viewer: {
    pictureRight: 'ArrowRight',
    pictureLeft: 'ArrowLeft',
    firstPicture: 'Home',
    lastPicture: 'End',
    zoomIn: '+',
    zoomInToo: '=',
    zoomOut: '-',
    whole: '0',
    lookRight: 'Shift+ArrowRight',
    lookLeft: 'Shift+ArrowLeft',
    lookUp: 'Shift+ArrowUp',
    lookDown: 'Shift+ArrowDown',
  },
  /** A picture that is cropped; it is zoomed by the keys of the one above. */
  crop: {
    moveRight: 'ArrowRight',
    moveLeft: 'ArrowLeft',
    moveUp: 'ArrowUp',
    moveDown: 'ArrowDown',
  },
  /** What is told about the thing in focus. */
  tip: {
    hide: 'Escape',
  },
} as const satisfies Record<string, Record<string, string>>;

/** Where a key means something. */
export type Scope = keyof typeof KEYS;

/** What a key may mean in a place. */
export type ActionName<S extends Scope = Scope> = S extends Scope ? keyof (typeof KEYS)[S] & string : never;

export interface Binding<S extends Scope = Scope> {
  readonly name: ActionName<S>;
  readonly keys: string;
}

/** The keys of a place, as this person has them. */
export function bindingsOf<S extends Scope>(scope: S): readonly Binding<S>[] {
  const own = useOwnKeys.getState();
  return Object.entries(KEYS[scope]).map(([name, keys]) => ({
    name: name as ActionName<S>,
    keys: own[`${scope}.${name}`] ?? keys,
  }));
}

export interface Keystroke {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** Physical places of punctuation, for layouts where the character is elsewhere. */
export const CODES: Readonly<Record<string, string>> = { '.': 'Period', '/': 'Slash', ',': 'Comma' };

/** A letter of a script that has no Latin ones, or a sign of Chinese writing: there the place of a key is what it says. */
export const NOT_LATIN = /^(?!\p{Script=Latin})\p{L}$|^[\u3000-\u303f\uff00-\uffef]$/u;
export const LETTER = /^\p{L}$/u;

/** Whether a keystroke is these keys: by the character, or by the place of the key where the letters are not Latin. */
export function matches(keys: string, stroke: Keystroke, apple: boolean): boolean {
  const parts = keys.split('+');
  // Of `+` itself nothing is left.
  const last = parts.at(-1) || '+';
  const wants = (part: string) => parts.includes(part);
  if ((wants('Ctrl') || (wants('Mod') && !apple)) !== stroke.ctrlKey) return false;
  if ((wants('Mod') && apple) !== stroke.metaKey || wants('Alt') !== stroke.altKey) return false;
  // On many keyboards a sign needs Shift to be written at all.
  const isSign = last.length === 1 && !LETTER.test(last);
  if (!isSign && wants('Shift') !== stroke.shiftKey) return false;
  if (stroke.key === last || (LETTER.test(last) && stroke.key.toUpperCase() === last)) return true;
  return NOT_LATIN.test(stroke.key) && stroke.code === (CODES[last] ?? `Key${last}`);
}

/** What a keystroke means in a place, if it means something there. */
export function actionOf<S extends Scope>(scope: S, stroke: Keystroke, apple: boolean): ActionName<S> | undefined {
  const own = useOwnKeys.getState();
  const meant = bindingsOf(scope).filter((binding) => matches(binding.keys, stroke, apple));
  // What a newer page gave to something else is still the person's own.
  return (meant.find(({ name }) => own[`${scope}.${name}`]) ?? meant[0])?.name;
}

const APPLE: Readonly<Record<string, string>> = { Mod: '⌘', Alt: '⌥', Shift: '⇧' };

/** Keys as they are printed on the person's keyboard. */
export function printed(keys: string, apple: boolean): string {
  return keys
    .split('+')
    .map((part) => (part === 'Mod' && !apple ? 'Ctrl' : apple ? (APPLE[part] ?? part) : part))
    .join('+');
}
