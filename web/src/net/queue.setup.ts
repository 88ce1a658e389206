/** Tabs of one browser for tests of the queue: what each has taken, what is on the disk they share, what the server says. */
import type { ClientFrame } from '../gen/wire';
import type { Step } from '../state';
import { AT } from '../state/samples';
import type { ApiError } from './api';
import { Queue } from './queue';

/** Lets every promise that is ready run. */
export const settle = () => new Promise<void>((done) => setTimeout(done, 0));

export const send = (id: string, room = 1): Step => ({
  kind: 'send',
  id,
  room_id: room,
  user_id: 1,
  content: id,
  created_at: AT,
  state: 'queued',
});
export const edit = (id: string, message = 1, room = 1): Step => ({
  kind: 'edit',
  id,
  room_id: room,
  message_id: message,
  content: id,
  created_at: AT,
  state: 'queued',
});
export const recall = (id: string, message = 1, room = 1): Step => ({
  kind: 'recall',
  id,
  room_id: room,
  message_id: message,
  created_at: AT,
  state: 'queued',
});

export class Tab {
  up = true;
  /** Whether the server answers over HTTP what is not asked by a step. */
  alive = true;
  leads = true;
  readonly others: Tab[] = [];
  /** What went out, by id; of a recall, which has no words, by its message. */
  readonly taken: string[] = [];
  readonly frames: ClientFrame[] = [];
  readonly disk: Map<string, Step>;
  timers: { ms: number; run: () => void; stopped: boolean }[] = [];
  /** What the server answers next to what is asked of it; nothing: well done. */
  answers: (ApiError | undefined)[] = [];
  /** While set, it says nothing. */
  hold: Promise<void> | undefined;
  readonly queue: Queue;

  constructor(disk = new Map<string, Step>()) {
    this.disk = disk;
    const ask = async (what: string) => {
      this.taken.push(what);
      await this.hold;
      const answer = this.answers.shift();
      if (answer) throw answer;
    };
    this.queue = new Queue({
      line: {
        up: () => this.up,
        send: (frame) => {
          if (!this.up || frame.type !== 'text') return false;
          this.taken.push(frame.client_id);
          this.frames.push(frame);
          return true;
        },
        edit: (_, content) => ask(content),
        recall: (id) => ask(`recall ${id}`),
        alive: async () => this.alive,
      },
      leads: () => this.leads,
      share: (word) => {
        for (const other of this.others) other.queue.heard(word);
      },
      storage: {
        put: async (step) => void disk.set(step.id, step),
        remove: async (id) => void disk.delete(id),
      },
      after: (ms, run) => {
        const timer = { ms, run, stopped: false };
        this.timers.push(timer);
        return () => {
          timer.stopped = true;
        };
      },
      cursor: () => 0,
      onChange: () => undefined,
    });
  }

  add(...steps: Step[]): void {
    for (const step of steps) this.queue.add(step);
  }

  states(): Record<string, Step['state']> {
    return Object.fromEntries(this.queue.steps.map(({ id, state }) => [id, state]));
  }

  /** Time passes. */
  fire(): void {
    for (const timer of this.timers.splice(0)) if (!timer.stopped) timer.run();
  }

  /** The line breaks. */
  breaks(): void {
    this.queue.pause();
    this.up = false;
  }

  /** And is there again. */
  connects(): void {
    this.up = true;
    this.queue.lead();
  }

  ack(id: string, seq = 5, room = 1): void {
    this.queue.acked({ type: 'ack', client_id: id, room_id: room, message_id: 1, seq, timestamp: AT });
  }

  refuse(id: string | undefined, code: number, more: { reason?: string; retry_after_ms?: number } = {}): boolean {
    const words = { error: 'No.', message: 'No.', reason: 'x', ...more };
    return this.queue.refused({ type: 'error', code, ...(id ? { client_id: id } : {}), ...words });
  }
}

/** Two tabs of one browser, of which the first leads. */
export function pair(): readonly [Tab, Tab] {
  const first = new Tab();
  const second = new Tab(first.disk);
  second.leads = false;
  first.others.push(second);
  second.others.push(first);
  return [first, second];
}
