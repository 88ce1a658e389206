/** What a message's text is made of once it was read: blocks of lines, and what stands within a line. */

export type Inline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  /** `:name:`, for which a place may have a picture. */
  | { readonly type: 'emoji'; readonly text: string }
  /** Somebody who is called, or with `user` 0 everybody: a span that the message came with. */
  | { readonly type: 'mention'; readonly text: string; readonly user: number }
  | { readonly type: 'em' | 'strong' | 'del'; readonly children: readonly Inline[] }
  | Link;

/** A part of the source that names somebody, and where it ends. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly user: number;
}

export interface Link {
  readonly type: 'link';
  /** Always an address that may be opened from a message. */
  readonly href: string;
  /** Where the link really goes, when its words look like another address. */
  readonly host?: string;
  readonly children: readonly Inline[];
}

export type Align = 'left' | 'center' | 'right';

export interface Item {
  /** The number as it was typed, `5.` or `05)`; nothing for a dot. */
  readonly marker?: string;
  readonly checked?: boolean;
  readonly children: readonly Block[];
}

export type Block =
  | { readonly type: 'paragraph' | 'heading'; readonly children: readonly Inline[] }
  | { readonly type: 'code'; readonly text: string; readonly language?: string }
  | { readonly type: 'quote'; readonly children: readonly Block[] }
  | { readonly type: 'list'; readonly ordered: boolean; readonly items: readonly Item[] }
  | {
      readonly type: 'table';
      readonly align: readonly (Align | undefined)[];
      /** The first row is the head. */
      readonly rows: readonly (readonly (readonly Inline[])[])[];
    }
  | { readonly type: 'rule'; readonly text: string };
