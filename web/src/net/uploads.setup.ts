/** A server for tests of uploads: what it keeps of each, and what it says next. */
import type { Attachment } from '../gen/wire';
import { useUploads } from '../state';
import { addUploads } from '../state/upload-changes';
import { ApiError } from './api';
import type { Carrier } from './tus';
import { UploadLine } from './uploads';

/** Lets every promise that is ready run, a file's own reading included. */
export const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((done) => setTimeout(done, 0));
};

export const fileOf = (id: number, change: Partial<Attachment> = {}): Attachment => ({
  id,
  file_name: `file ${id}`,
  file_size: 3,
  file_type: 'text/plain',
  category: 'file',
  thumbs: [],
  waveform: [],
  ...change,
});

export class Depot {
  /** What was asked, in order. */
  readonly asked: string[] = [];
  /** Bytes kept of each, by address. */
  readonly kept: Map<string, number>;
  /** Answers to the next pieces; nothing: well done. */
  refusals: (ApiError | undefined)[] = [];
  /** While set, no piece is answered. */
  hold: Promise<void> | undefined;
  /** While set, none is begun. */
  holdBegun: Promise<void> | undefined;
  alive = true;
  /** While set, the picture of a video is being made. */
  picturing: Promise<void> | undefined;
  readonly whole: string[] = [];
  readonly spoiled: string[] = [];
  timers: { ms: number; run: () => void; stopped: boolean }[] = [];
  next: number;
  readonly line: UploadLine;

  /** The same server that a former page had. */
  constructor(former?: Pick<Depot, 'kept' | 'next'>) {
    this.kept = former?.kept ?? new Map();
    this.next = former?.next ?? 100;
    const carrier: Carrier = {
      begin: async ({ name }) => {
        this.next += 1;
        const address = `${this.next}`;
        this.asked.push(`begin ${name}`);
        await this.holdBegun;
        this.kept.set(address, 0);
        return address;
      },
      offset: async (address) => {
        this.asked.push(`offset ${address}`);
        const kept = this.kept.get(address);
        if (kept === undefined) throw new ApiError(404, 'file_not_found', '');
        return kept;
      },
      append: async (address, from, bytes, onSent, signal) => {
        this.asked.push(`append ${address} ${from}+${bytes.size}`);
        onSent(bytes.size);
        if (this.hold) await Promise.race([this.hold, ended(signal)]);
        if (signal.aborted) throw new ApiError(0, 'unreachable', 'ended');
        const refusal = this.refusals.shift();
        if (refusal) throw refusal;
        this.kept.set(address, from + bytes.size);
        return from + bytes.size;
      },
      file: async (address) => fileOf(Number(address)),
      poster: async (file, picture) => {
        this.asked.push(`poster ${file} ${picture.size}`);
      },
      remove: async (address) => {
        this.asked.push(`remove ${address}`);
      },
    };
    this.line = new UploadLine({
      carrier,
      after: (ms, run) => {
        const timer = { ms, run, stopped: false };
        this.timers.push(timer);
        return () => {
          timer.stopped = true;
        };
      },
      alive: async () => this.alive,
      pictured: () => this.picturing,
      uploaded: (upload) => this.whole.push(upload),
      spoiled: (upload) => this.spoiled.push(upload),
    });
  }

  /** Puts files of these sizes into the tray of room 7. */
  async give(...sizes: number[]): Promise<readonly string[]> {
    const ids = addUploads(
      '7',
      sizes.map((size, index) => ({ name: `f${index}`, content: new Blob([new Uint8Array(size)]) })),
    );
    await settle();
    return ids;
  }

  /** Time passes. */
  async fire(): Promise<void> {
    for (const timer of this.timers.splice(0)) if (!timer.stopped) timer.run();
    await settle();
  }

  states(): readonly string[] {
    return useUploads.getState().uploads.map(({ state }) => state);
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((done) => signal.addEventListener('abort', () => done()));
}
