/** How each kind of step reaches the server, and what becomes of it beside others. A kind that is forgotten here does not compile. */
import type { ClientFrame } from '../gen/wire';
import { wellFormed } from '../lib/well-formed';
import { isChange, type Step, type StepKind, type StepOf } from '../state';

/** The server, as steps are taken to it. */
export interface Line {
  /** Whether there is a connection. */
  up(): boolean;
  /** False when there is none. */
  send(frame: ClientFrame): boolean;
  /** These reject with what the server refused. */
  edit(messageId: number, content: string): Promise<void>;
  recall(messageId: number): Promise<void>;
  /** Whether the server answers anything over HTTP. */
  alive(): Promise<boolean>;
}

interface Way<S extends Step> {
  /** False: it cannot be taken now. True: a frame is going to answer, or nobody. A promise is the answer itself. */
  take(step: S, line: Line): boolean | Promise<void>;
  /** Whether a later step makes this one void. */
  voidBy(step: S, later: Step): boolean;
  /** The refusal that says that it was done before: an answer was lost. */
  readonly done?: string;
}

const WAYS: { readonly [K in StepKind]: Way<StepOf<K>> } = {
  send: {
    take: (step, line) =>
      line.send({
        type: 'text',
        room_id: step.room_id,
        content: wellFormed(step.content),
        client_id: step.id,
        reply_to: step.reply_to?.message_id ?? null,
        attachments: step.attachments?.flatMap(({ file }) => file?.id ?? []) ?? [],
        message_type: step.message_type ?? null,
      }),
    voidBy: () => false,
  },
  edit: {
    take: (step, line) => line.up() && line.edit(step.message_id, step.content),
    voidBy: ({ message_id }, later) => isChange(later) && later.message_id === message_id,
  },
  recall: {
    take: (step, line) => line.up() && line.recall(step.message_id),
    voidBy: ({ message_id }, later) => isChange(later) && later.message_id === message_id,
    done: 'already_recalled',
  },
};

function wayOf(step: Step): Way<Step> {
  return WAYS[step.kind] as Way<Step>;
}

export function take(step: Step, line: Line): boolean | Promise<void> {
  return wayOf(step).take(step, line);
}

export function isVoid(step: Step, later: Step): boolean {
  return wayOf(step).voidBy(step, later);
}

export function wasDone(step: Step, refusal: string): boolean {
  return wayOf(step).done === refusal;
}
