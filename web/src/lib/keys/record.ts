/** Chooses other keys for an action: what a keystroke is called, and why it cannot be had. Comes with the settings. */
import { chooseKeys, useOwnKeys } from './own';
import { type ActionName, bindingsOf, CODES, KEYS, type Keystroke, LETTER, NOT_LATIN, type Scope } from './registry';

/** Where keys can be chosen; those of lists, tabs and edges are what every program takes them for. */
export const CHOSEN_SCOPES = ['page', 'composer', 'message'] as const satisfies readonly Scope[];
export type ChosenScope = (typeof CHOSEN_SCOPES)[number];

export type Refusal =
  /** It is the key of something else here. */
  | { readonly why: 'taken'; readonly scope: ChosenScope; readonly name: ActionName }
  /** The browser or the system keeps it for itself. */
  | { readonly why: 'reserved' }
  /** People need it for texts and lists. */
  | { readonly why: 'editing' }
  /** Alone it writes, or works what has the focus. */
  | { readonly why: 'alone' }
  /** It has no name that is the same tomorrow. */
  | { readonly why: 'nameless' };

const MODIFIERS: ReadonlySet<string> = new Set([
  'Control',
  'Meta',
  'Alt',
  'AltGraph',
  'Shift',
  'CapsLock',
  'Fn',
  'NumLock',
]);
const NAMELESS: ReadonlySet<string> = new Set(['+', 'Dead', 'Process', 'Unidentified', 'ContextMenu']);
const PLACES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(CODES).map(([sign, code]) => [code, sign]),
);

/** Keys that a browser or a system does not give away, or that nobody should lose: tabs, windows, reload, find, print, zoom. */
const RESERVED = [
  /^Mod\+(Shift\+)?[TNWRLFPQ]$/,
  /^Mod\+Shift\+[IJC]$/,
  /^Mod\+[-+=0-9]$/,
  /^(Mod|Ctrl|Alt)\+(Shift\+)?(Tab|PageUp|PageDown|F4|Home)$/,
  /^Alt\+(ArrowLeft|ArrowRight|D)$/,
  /^(Mod\+)?(Shift\+)?F(1|3|5|11|12)$/,
];
const RESERVED_APPLE = [/^Mod\+(Alt\+)?[HM]$/, /^Mod\+(ArrowLeft|ArrowRight|`)$/];
/** What one does to a text. */
const EDITING = /^Mod\+([CVXAY]|(Shift\+)?Z|Shift\+V)$/;
const MOVES = /(^|\+)(Backspace|Delete|ArrowLeft|ArrowRight|Home|End|Insert)$/;

/** The keys of a stroke, as the registry writes them; nothing while only modifiers are held. */
export function strokeName(stroke: Keystroke, apple: boolean): string | undefined {
  const { key, code } = stroke;
  if (MODIFIERS.has(key)) return undefined;
  let last = key;
  if (NOT_LATIN.test(key)) last = PLACES[code] ?? /^Key([A-Z])$/.exec(code)?.[1] ?? '';
  if ([...last].length === 1) last = last.toUpperCase();
  // On many keyboards a sign needs Shift to be written at all.
  const isSign = last.length === 1 && !LETTER.test(last);
  const held = [
    stroke.ctrlKey && (apple ? 'Ctrl' : 'Mod'),
    stroke.metaKey && (apple ? 'Mod' : 'Meta'),
    stroke.altKey && 'Alt',
    stroke.shiftKey && !isSign && 'Shift',
  ];
  return [...held.filter(Boolean), last].join('+');
}

/** Keys that nobody records: they lead to the next thing on the page, or leave everything as it is. */
export const goesOn = (keys: string) => /^(Shift\+)?Tab$/.test(keys);
export const leaves = (keys: string) => keys === 'Escape';

/** Why an action cannot have these keys. */
export function refusalOf(scope: ChosenScope, name: string, keys: string, apple: boolean): Refusal | undefined {
  const parts = keys.split('+');
  const last = parts.at(-1) ?? '';
  const holds = (one: string) => parts.slice(0, -1).includes(one);
  if (last === '' || NAMELESS.has(last)) return { why: 'nameless' };
  // On Windows these two together are AltGr, which makes characters; the key of the system is the system's.
  if (holds('Meta') || (!apple && holds('Mod') && holds('Alt'))) return { why: 'reserved' };
  if ([...RESERVED, ...(apple ? RESERVED_APPLE : [])].some((one) => one.test(keys))) return { why: 'reserved' };
  if (EDITING.test(keys)) return { why: 'editing' };
  const alone = !(holds('Mod') || holds('Ctrl') || holds('Alt'));
  if (last === 'Tab' || last === ' ' || (alone && !mayBeAlone(scope, keys))) return { why: 'alone' };
  if (scope !== 'message' && MOVES.test(keys)) return { why: 'editing' };
  return takenBy(scope, name, keys, apple);
}

/** On a message all keys are free; elsewhere a key alone writes or moves, but for those that are somebody's there from the start. */
function mayBeAlone(scope: ChosenScope, keys: string): boolean {
  return scope === 'message' || /(^|\+)F\d+$/.test(keys) || Object.values<string>(KEYS[scope]).includes(keys);
}

/** What has these keys where they would mean something else. A key of the page is one everywhere. */
function takenBy(scope: ChosenScope, name: string, keys: string, apple: boolean): Refusal | undefined {
  const plain = (one: string) => (apple ? one : one.replace('Ctrl+', 'Mod+'));
  for (const other of Object.keys(KEYS) as Scope[]) {
    if (scope !== 'page' && other !== 'page' && other !== scope) continue;
    const held = bindingsOf(other).find(
      (one) => plain(one.keys) === plain(keys) && !(other === scope && one.name === name),
    );
    if (held) return isChosen(other) ? { why: 'taken', scope: other, name: held.name } : { why: 'editing' };
  }
  return undefined;
}

/** Gives an action these keys, if it can have them. */
export function choose(scope: ChosenScope, name: string, keys: string, apple: boolean): Refusal | undefined {
  const refusal = refusalOf(scope, name, keys, apple);
  if (refusal) return refusal;
  const { [`${scope}.${name}`]: _before, ...rest } = useOwnKeys.getState();
  chooseKeys(keys === defaultOf(scope, name) ? rest : { ...rest, [`${scope}.${name}`]: keys });
  return undefined;
}

/** Back to the keys that everybody has, unless something else was given them; tells which. */
export function reset(
  scope: ChosenScope,
  name: string,
  apple: boolean,
): { readonly keys: string; readonly refusal: Refusal | undefined } {
  const keys = defaultOf(scope, name);
  const refusal = takenBy(scope, name, keys, apple);
  if (!refusal) {
    const { [`${scope}.${name}`]: _own, ...rest } = useOwnKeys.getState();
    chooseKeys(rest);
  }
  return { keys, refusal };
}

export function resetAll(): void {
  chooseKeys({});
}

function isChosen(scope: Scope): scope is ChosenScope {
  return CHOSEN_SCOPES.some((one) => one === scope);
}

function defaultOf(scope: ChosenScope, name: string): string {
  return (KEYS[scope] as Readonly<Record<string, string>>)[name] ?? '';
}
