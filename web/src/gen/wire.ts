/** Short names for the generated schemas. Types only; the truth is chinwag.proto, nouns.proto and the server's OpenAPI document. */
import type { components } from './api';

type Schemas = components['schemas'];

export type ClientFrame = Schemas['ClientFrame'];
export type ServerFrame = Schemas['ServerFrame'];
export type Room = Schemas['Room'];
export type RoomKind = Schemas['RoomKind'];
export type Message = Schemas['Message'];
export type User = Schemas['User'];
export type Role = Schemas['Role'];
export type Presence = Schemas['Presence'];
export type ReplyQuote = Schemas['ReplyQuote'];
export type Attachment = Schemas['Attachment'];
export type FileCategory = Schemas['FileCategory'];
/** A file, and which message has it. */
export type FileRow = Schemas['FileRow'];
export type FileRows = Schemas['FileRows'];
export type NextFiles = Schemas['NextFiles'];
export type MessageType = Schemas['MessageType'];
export type MentionSpan = Schemas['MentionSpan'];
export type Limits = Schemas['Limits'];
/** A picture that stands for `:name:` in this place. */
export type CustomEmoji = Schemas['CustomEmoji'];

/** A seat with its person; the schema cannot say that the server always fills it. */
export type Member = Schemas['Member'] & { user: User };

/** One frame by its `type`. */
export type FrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>;
