/** The shape of what is known about the server: entities, presence, typing. Data only; `apply.ts` changes it. */
import type { Member, Message, Presence, Room, User } from '../gen/wire';
import type { Tally } from './counts';
import type { Log } from './log';
import type { Place } from './place';

/** A person as far as known: a frame tells only the name. */
export type Person = Pick<User, 'id' | 'username'> & Partial<User>;

/** A message as it is held here. */
export interface Held extends Message {
  /** The position of the room's log up to which this is known to be its newest state: of its last change, at least. */
  readonly changed: number;
}

/** In the place of a room's id: the log of this person alone, on all their devices. */
export const OWN_LOG = 0;

export interface Chat {
  readonly epoch: number | null;
  readonly users: Readonly<Record<number, Person>>;
  /** My rooms, and public ones that were looked at (those have no `my_role`). */
  readonly rooms: Readonly<Record<number, Room>>;
  /** By room and id: what the logs of the room's places list. `messages.ts` keeps both together. */
  readonly messages: Readonly<Record<number, Readonly<Record<number, Held>>>>;
  /** Of the places that were opened on this page; of other rooms only the last message is known. */
  readonly logs: Readonly<Record<Place, Log>>;
  /** The last position of each room's log, and of one's own, up to which every change was received. */
  readonly cursors: Readonly<Record<number, number>>;
  /** How the unread counts of each room came about; `counts.ts` owns both. */
  readonly tallies: Readonly<Record<number, Tally>>;
  readonly members: Readonly<Record<number, readonly Member[]>>;
}

export interface PresenceMap {
  readonly people: Readonly<Record<number, { readonly presence: Presence; readonly lastSeen?: string | undefined }>>;
  /** Who is in a room right now, as the room's last `userlist` told it. */
  readonly here: Readonly<Record<number, { readonly users: readonly number[]; readonly total: number }>>;
}

export interface Typing {
  /** room -> person -> until when, in ms. */
  readonly rooms: Readonly<
    Record<number, Readonly<Record<number, { readonly username: string; readonly until: number }>>>
  >;
}

export interface World {
  readonly chat: Chat;
  readonly presence: PresenceMap;
  readonly typing: Typing;
}

export const EMPTY_CHAT: Chat = {
  epoch: null,
  users: {},
  rooms: {},
  messages: {},
  logs: {},
  cursors: { [OWN_LOG]: 0 },
  tallies: {},
  members: {},
};
export const EMPTY_PRESENCE: PresenceMap = { people: {}, here: {} };
export const EMPTY_TYPING: Typing = { rooms: {} };

/** The name to show. */
export function nameOf(person: { username: string; display_name?: string | undefined } | undefined): string {
  return person?.display_name || person?.username || '';
}

/** What somebody said, in words or by files: it takes part in unread counts. */
export function isText({ type }: Pick<Message, 'type'>): boolean {
  return type !== 'system';
}
