/** What I have done and the server does not have yet, as data for the views. `net/queue` takes it there. */
import { create } from 'zustand';
import type { Attachment, Message, MessageType, ReplyQuote } from '../gen/wire';
import { type Place, placeOf } from './place';

interface Common {
  /** Its name, here and in all tabs; of a send it is the client id that the server knows it by. */
  readonly id: string;
  readonly room_id: number;
  /** The thread it is done in; absent for the room itself. */
  readonly thread?: number | undefined;
  readonly created_at: string;
  /** `sent` is a send that is confirmed and stays only until its row arrives. */
  readonly state: 'queued' | 'sending' | 'sent' | 'failed';
  /** The server's word for why, and its sentence. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

/** A file that a send takes with it. */
export interface SendAttachment {
  /** The upload's name on the page that carries it. */
  readonly upload: string;
  readonly name: string;
  readonly size: number;
  /** Once the server has it whole. */
  readonly file?: Attachment | undefined;
}

export interface Send extends Common {
  readonly kind: 'send';
  readonly user_id: number;
  readonly content: string;
  readonly attachments?: readonly SendAttachment[] | undefined;
  /** Where it is more than a text with files: a voice message. */
  readonly message_type?: MessageType | undefined;
  readonly reply_to?: ReplyQuote | undefined;
  readonly seq?: number | undefined;
  /** Where the room stood here when it first went out: its row comes after that. */
  readonly sent_after?: number | undefined;
}

/** What is done to a stored message. */
interface ToMessage extends Common {
  readonly message_id: number;
}
export interface Edit extends ToMessage {
  readonly kind: 'edit';
  /** The new text. */
  readonly content: string;
}
export interface Recall extends ToMessage {
  readonly kind: 'recall';
}

/** What makes another message of a stored one. */
export type Change = Edit | Recall;

/** One thing done. Another kind is a line here, in `LISTS`, and in the table of `net/ways`. */
export type Step = Send | Change;
export type StepKind = Step['kind'];
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;

/** All steps in the order they were done, by what views look at: who looks at sends does not hear of changes. */
export interface StepsState {
  readonly sends: readonly Send[];
  readonly changes: readonly Change[];
}

/** In which list the steps of a kind stand. */
const LISTS: { readonly [K in StepKind]: keyof StepsState } = { send: 'sends', edit: 'changes', recall: 'changes' };

export const useSteps = create<StepsState>(() => ({ sends: [], changes: [] }));

export function showSteps(steps: readonly Step[]): void {
  useSteps.setState((held) => ({
    sends: same(held.sends, steps.filter(isSend)),
    changes: same(held.changes, steps.filter(isChange)),
  }));
}

export function isSend(step: Step): step is Send {
  return LISTS[step.kind] === 'sends';
}

export function isChange(step: Step): step is Change {
  return LISTS[step.kind] === 'changes';
}

/** The list of before where nothing in it is another. */
function same<S>(before: readonly S[], now: readonly S[]): readonly S[] {
  return before.length === now.length && before.every((one, at) => one === now[at]) ? before : now;
}

/** Whether it has to wait for a file. What is done after it does not. */
export function isUploading(step: Step): boolean {
  return step.kind === 'send' && (step.attachments?.some(({ file }) => !file) ?? false);
}

const NONE: readonly Send[] = [];

/** A place's sends that the timeline does not show as rows already. */
export function pendingOf(sends: readonly Send[], place: Place, rows: readonly Message[]): readonly Send[] {
  const mine = sends.filter((send) => placeOf(send.room_id, send.thread) === place);
  if (mine.length === 0) return NONE;
  // Until the answer tells which row it became, one's own row with the same words stands for what is on its way.
  const taken = new Set<Message>();
  return mine.filter((send) => {
    const row = rows.find((one) => !taken.has(one) && standsFor(one, send));
    if (row) taken.add(row);
    return !row;
  });
}

function standsFor(row: Message, send: Send): boolean {
  if (row.user_id !== send.user_id) return false;
  if (row.client_id) return row.client_id === send.id;
  const files = send.attachments?.map(({ file }) => file?.id) ?? [];
  const same = row.content === send.content && `${row.attachments.map(({ id }) => id)}` === `${files}`;
  return send.sent_after !== undefined && row.seq > send.sent_after && same;
}

/** What was last done to a message and is not settled. */
export function changeOf(changes: readonly Change[], messageId: number): Change | undefined {
  return changes.findLast((change) => change.message_id === messageId);
}

/** The message as it is going to be; what was refused leaves it as it is. */
export function withChange(message: Message, change: Change | undefined): Message {
  if (!change || change.state === 'failed' || message.recalled_at) return message;
  switch (change.kind) {
    case 'edit':
      return { ...message, content: change.content, edited_at: change.created_at, mention_spans: [] };
    case 'recall':
      return {
        ...message,
        content: '',
        attachments: [],
        recalled_at: change.created_at,
        mentions: [],
        mentions_room: false,
        mention_spans: [],
      };
  }
}
