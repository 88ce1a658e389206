/** Every key of the client, by name. The help, the settings page and the dispatcher read the same list. */

export type ActionName =
  | 'jump'
  | 'nextRoom'
  | 'previousRoom'
  | 'nextUnread'
  | 'previousUnread'
  | 'readAll'
  | 'panel'
  | 'help'
  | 'landmark'
  | 'previousLandmark'
  | 'compose'
  | 'editLast'
  | 'send'
  | 'newline'
  | 'bold'
  | 'italic'
  | 'code'
  | 'strike'
  | 'cancel'
  | 'reply'
  | 'edit'
  | 'copy'
  | 'recall'
  | 'messageUp'
  | 'messageDown';

/** Where a key means this. `page` keys are dispatched here; the others are asked for where the focus is. */
export type Scope = 'page' | 'composer' | 'message';

export interface Binding {
  readonly name: ActionName;
  readonly scope: Scope;
  /** `Mod` is Ctrl, or ⌘ on Apple's keyboards. The last part is a `KeyboardEvent.key`, a letter in upper case. */
  readonly keys: string;
}

export const BINDINGS: readonly Binding[] = [
  { name: 'jump', scope: 'page', keys: 'Mod+K' },
  { name: 'previousRoom', scope: 'page', keys: 'Alt+ArrowUp' },
  { name: 'nextRoom', scope: 'page', keys: 'Alt+ArrowDown' },
  { name: 'previousUnread', scope: 'page', keys: 'Alt+Shift+ArrowUp' },
  { name: 'nextUnread', scope: 'page', keys: 'Alt+Shift+ArrowDown' },
  { name: 'readAll', scope: 'page', keys: 'Shift+Escape' },
  { name: 'panel', scope: 'page', keys: 'Mod+.' },
  { name: 'help', scope: 'page', keys: 'Mod+/' },
  { name: 'landmark', scope: 'page', keys: 'F6' },
  { name: 'previousLandmark', scope: 'page', keys: 'Shift+F6' },
  { name: 'send', scope: 'composer', keys: 'Enter' },
  { name: 'newline', scope: 'composer', keys: 'Shift+Enter' },
  { name: 'editLast', scope: 'composer', keys: 'ArrowUp' },
  { name: 'cancel', scope: 'composer', keys: 'Escape' },
  { name: 'bold', scope: 'composer', keys: 'Mod+B' },
  { name: 'italic', scope: 'composer', keys: 'Mod+I' },
  { name: 'code', scope: 'composer', keys: 'Mod+E' },
  { name: 'strike', scope: 'composer', keys: 'Mod+Shift+X' },
  { name: 'messageUp', scope: 'message', keys: 'ArrowUp' },
  { name: 'messageDown', scope: 'message', keys: 'ArrowDown' },
  { name: 'reply', scope: 'message', keys: 'R' },
  { name: 'edit', scope: 'message', keys: 'E' },
  { name: 'copy', scope: 'message', keys: 'C' },
  { name: 'recall', scope: 'message', keys: 'Delete' },
  { name: 'compose', scope: 'message', keys: 'Escape' },
];

export interface Keystroke {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** Physical places of punctuation, for layouts where the character is elsewhere. */
const CODES: Readonly<Record<string, string>> = { '.': 'Period', '/': 'Slash', ',': 'Comma' };

/** A letter of a script that has no Latin ones, or a sign of Chinese writing: there the place of a key is what it says. */
const NOT_LATIN = /^(?!\p{Script=Latin})\p{L}$|^[\u3000-\u303f\uff00-\uffef]$/u;
const LETTER = /^\p{L}$/u;

/** Whether a keystroke is this binding: by the character, or by the place of the key where the letters are not Latin. */
export function matches(binding: Binding, stroke: Keystroke, apple: boolean): boolean {
  const parts = binding.keys.split('+');
  const last = parts.at(-1) ?? '';
  const wants = (part: string) => parts.includes(part);
  const [mod, other] = apple ? [stroke.metaKey, stroke.ctrlKey] : [stroke.ctrlKey, stroke.metaKey];
  if (wants('Mod') !== mod || other || wants('Alt') !== stroke.altKey) return false;
  // On many keyboards a sign needs Shift to be written at all.
  const isSign = last.length === 1 && !LETTER.test(last);
  if (!isSign && wants('Shift') !== stroke.shiftKey) return false;
  if (stroke.key === last || (LETTER.test(last) && stroke.key.toUpperCase() === last)) return true;
  return NOT_LATIN.test(stroke.key) && stroke.code === (CODES[last] ?? `Key${last}`);
}

/** What a keystroke means in a place, if it means something there. */
export function actionOf(scope: Scope, stroke: Keystroke, apple: boolean): ActionName | undefined {
  return BINDINGS.find((binding) => binding.scope === scope && matches(binding, stroke, apple))?.name;
}

const APPLE: Readonly<Record<string, string>> = { Mod: '⌘', Alt: '⌥', Shift: '⇧' };

/** Keys as they are printed on the person's keyboard. */
export function printed(keys: string, apple: boolean): string {
  return keys
    .split('+')
    .map((part) => (part === 'Mod' && !apple ? 'Ctrl' : apple ? (APPLE[part] ?? part) : part))
    .join('+');
}
