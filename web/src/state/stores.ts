/** The live stores. Presence and typing stand apart so that the message list is not drawn again for them. */
import { create } from 'zustand';
import type { Limits, Role, ServerFrame, User } from '../gen/wire';
import type { Chat, PresenceMap, Typing } from './world';
import { EMPTY_CHAT, EMPTY_PRESENCE, EMPTY_TYPING } from './world';

export const useChat = create<Chat>(() => EMPTY_CHAT);
export const usePresence = create<PresenceMap>(() => EMPTY_PRESENCE);
export const useTyping = create<Typing>(() => EMPTY_TYPING);

/** What was told last, for who shows things of rooms that are not open. It is heard at that moment, and not read later. */
export const useNews = create<{ readonly frame?: ServerFrame }>(() => ({}));

/** Whether the socket is up, as an explicit machine; `net/socket` moves it. */
export type Link =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting'; readonly attempt: number; readonly crowded: boolean }
  | { readonly phase: 'connected' }
  /** Crowded: there are too many pages of this person, and this one waits for a place. */
  | {
      readonly phase: 'reconnecting';
      readonly attempt: number;
      readonly retryAt: number;
      readonly crowded: boolean;
    }
  | { readonly phase: 'ended'; readonly reason: EndReason };

export type EndReason = 'session_ended' | 'banned' | 'replaced' | 'abuse' | 'stopped';

export interface Connection {
  readonly link: Link;
  /** Since when there is no live connection, in ms; null while there is one. */
  readonly downSince: number | null;
  /** When the rooms were last brought up to date after a break, in ms. */
  readonly caughtUpAt: number | null;
  /** What the browser believes about the network: a hint, for words only. */
  readonly online: boolean;
  /** Names the web client that the server hands out; empty until it has told. */
  readonly build: string;
}
export const useConnection = create<Connection>(() => ({
  link: { phase: 'idle' },
  downSince: null,
  caughtUpAt: null,
  online: true,
  build: '',
}));

export interface Session {
  /** `unknown` until the server was asked; `unreachable` when it does not answer and nothing is kept here to show. */
  readonly status: 'unknown' | 'unreachable' | 'anonymous' | 'active' | 'ended';
  readonly me: User | null;
  readonly limits: Limits;
}

/** The documented defaults, until `welcome` tells this server's own. */
export const DEFAULT_LIMITS: Limits = {
  text_chars: 4000,
  frame_bytes: 65_536,
  frames_per_second: 20,
  frames_burst: 40,
  typing_ms: 5000,
  sync_span: 1000,
  file_bytes: 50 * 2 ** 20,
  attachments: 10,
};
export const useSession = create<Session>(() => ({ status: 'unknown', me: null, limits: DEFAULT_LIMITS }));

/** Where the rooms' list and a room's pages stand. */
export type Loading = 'idle' | 'loading' | 'ready' | 'failed';
export interface Loads {
  readonly rooms: Loading;
  /** By `room:direction`. */
  readonly history: Readonly<Record<string, Loading>>;
  readonly members: Readonly<Record<number, Loading>>;
  /** The last member of the page before, in the server's order; absent once all of a room are here. */
  readonly membersFrom: Readonly<Record<number, { readonly role: Role; readonly id: number } | undefined>>;
  /** The same for those who are in a room right now, who come in the order of their ids. */
  readonly online: Readonly<Record<number, Loading>>;
  readonly onlineFrom: Readonly<Record<number, number | undefined>>;
}
export const EMPTY_LOADS: Loads = {
  rooms: 'idle',
  history: {},
  members: {},
  membersFrom: {},
  online: {},
  onlineFrom: {},
};
export const useLoads = create<Loads>(() => EMPTY_LOADS);
