/**
 * Takes this page's uploads to the server, a few at a time, piece by piece, so that a broken line costs one piece. What is wanted is
 * told by `state/uploads` alone: one that is dropped there is ended here. It draws nothing and sends no message.
 */
import type { Attachment } from '../gen/wire';
import { type OwnUpload, type Step, useUploads } from '../state';
import { changeUploads, forgetUploads } from '../state/upload-changes';
import { ApiError } from './api';
import { addressOf, type Carrier, type UploadFacts } from './tus';

export interface UploadDeps {
  readonly carrier: Carrier;
  after(ms: number, run: () => void): () => void;
  /** Whether the server answers anything. */
  alive(): Promise<boolean>;
  /** Settles once the picture that is being made of a video stands in the list. */
  pictured(upload: string): Promise<unknown> | undefined;
  /** What waits for it may go. */
  uploaded(upload: string, file: Attachment): void;
  /** What waits for it does not go. */
  spoiled(upload: string, error: NonNullable<Step['error']>): void;
}

/** At a time. */
export const AT_ONCE = 3;
export const PIECE_BYTES = 4 * 2 ** 20;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** So often without a byte of progress where the server answers others: then it is the file, not the line. */
const MOST_TRIES = 5;
/** Refusals that pass: by themselves, or once it was asked where the upload stands. */
const PASSING: ReadonlySet<number> = new Set([401, 404, 409, 410, 423, 429]);

export class UploadLine {
  readonly #deps: UploadDeps;
  readonly #running = new Map<string, AbortController>();
  /** What ends the pauses that are being made. */
  readonly #pauses = new Set<() => void>();

  constructor(deps: UploadDeps) {
    this.#deps = deps;
  }

  /** Sees to it that what is wanted is under way, and nothing else. Called at each change of the list. */
  look(): void {
    const { uploads } = useUploads.getState();
    const wanted = new Set(uploads.flatMap(({ id, state }) => (state === 'dropped' ? [] : id)));
    for (const [id, end] of this.#running) if (!wanted.has(id)) end.abort();
    const dropped = uploads.filter(({ state }) => state === 'dropped');
    for (const { file, address = file && addressOf(file.id) } of dropped) {
      // What cannot be told now the server sweeps away by itself.
      if (address) void this.#deps.carrier.remove(address).catch(() => undefined);
    }
    if (dropped.length > 0) {
      forgetUploads(({ state }) => state === 'dropped');
      return;
    }
    for (const upload of uploads) {
      if (this.#running.size >= AT_ONCE) return;
      if (upload.state === 'queued' && !this.#running.has(upload.id)) void this.#run(upload);
    }
  }

  /** The line is there again: nobody waits any longer. */
  wake(): void {
    for (const go of [...this.#pauses]) go();
  }

  async #run(upload: OwnUpload): Promise<void> {
    const { id } = upload;
    const end = new AbortController();
    this.#running.set(id, end);
    let tries = 0;
    while (!end.signal.aborted) {
      tell(id, { state: 'sending' });
      try {
        const file = await this.#carry(upload, end.signal, () => {
          tries = 0;
        });
        if (end.signal.aborted) break;
        tell(id, { state: 'done', sent: upload.content.size, file });
        this.#deps.uploaded(id, file);
        break;
      } catch (cause) {
        if (end.signal.aborted) break;
        const refusal = cause instanceof ApiError ? cause : new ApiError(422, 'unreadable', '');
        const passes = refusal.unreachable || PASSING.has(refusal.status);
        // Where nobody is answered, it is not about this file.
        if (passes && (refusal.status !== 0 || (await this.#deps.alive()))) tries += 1;
        if (!passes || tries >= MOST_TRIES) {
          this.#fail(id, refusal);
          break;
        }
        tell(id, { state: 'paused' });
        await this.#rest(refusal.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** tries, end.signal);
      }
    }
    this.#running.delete(id);
    this.look();
  }

  /** From where the server has it to its end. */
  async #carry(upload: OwnUpload, signal: AbortSignal, moved: () => void): Promise<Attachment> {
    const { id, content, name, duration, waveform } = upload;
    const { carrier } = this.#deps;
    // A folder, or a file that was changed or taken away meanwhile, throws here and not in the middle of a piece.
    await content.slice(0, 1).arrayBuffer();
    let address = listed(id)?.address;
    let offset = address === undefined ? 0 : await this.#standing(id, address, signal);
    if (offset === undefined || address === undefined) {
      address = await this.#begin({ name, size: content.size, duration, waveform }, signal);
      tell(id, { address });
      offset = 0;
    }
    while (offset < content.size) {
      const from: number = offset;
      const piece = content.slice(from, from + PIECE_BYTES);
      tell(id, { state: 'sending', sent: from });
      offset = await carrier.append(address, from, piece, (count) => tell(id, { sent: from + count }), signal);
      if (offset > from) moved();
    }
    const file = await this.#whole(address, content.size, signal);
    await this.#deps.pictured(id);
    const poster = listed(id)?.poster;
    if (!poster) return file;
    // A video without its picture is still the video.
    await carrier.poster(file.id, poster, signal).catch(() => undefined);
    return carrier.file(address, signal);
  }

  /** What is not wanted any more is not waited for, and given up as soon as it can be: until then it counts against one's share. */
  #begin(facts: UploadFacts, signal: AbortSignal): Promise<string> {
    const { carrier } = this.#deps;
    return new Promise((done, fail) => {
      const leave = () => fail(new ApiError(0, 'unreachable', 'ended'));
      signal.addEventListener('abort', leave, { once: true });
      carrier.begin(facts).then((address) => {
        signal.removeEventListener('abort', leave);
        done(address);
        if (signal.aborted) void carrier.remove(address).catch(() => undefined);
      }, fail);
    });
  }

  /** Undefined where the server knows nothing of it any more: it begins again. */
  async #standing(id: string, address: string, signal: AbortSignal): Promise<number | undefined> {
    try {
      return await this.#deps.carrier.offset(address, signal);
    } catch (cause) {
      if (!(cause instanceof ApiError) || (cause.status !== 404 && cause.status !== 410)) throw cause;
      tell(id, { address: undefined });
      return undefined;
    }
  }

  /** All bytes are there. Where the server stopped before it had made a file of them, nothing more than a word makes it go on. */
  async #whole(address: string, size: number, signal: AbortSignal): Promise<Attachment> {
    const { carrier } = this.#deps;
    try {
      return await carrier.file(address, signal);
    } catch (cause) {
      if (!(cause instanceof ApiError) || cause.status !== 404) throw cause;
      await carrier.append(address, size, new Blob(), () => undefined, signal);
      return carrier.file(address, signal);
    }
  }

  #fail(id: string, { code, message, unreachable }: ApiError): void {
    const error = unreachable ? { code: 'unavailable', message: '' } : { code, message };
    tell(id, { state: 'failed', error });
    this.#deps.spoiled(id, error);
  }

  #rest(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((done) => {
      const go = () => {
        stop();
        signal.removeEventListener('abort', go);
        this.#pauses.delete(go);
        done();
      };
      const stop = this.#deps.after(Math.min(ms, LONGEST_PAUSE_MS), go);
      this.#pauses.add(go);
      signal.addEventListener('abort', go);
    });
  }
}

function listed(id: string): OwnUpload | undefined {
  return useUploads.getState().uploads.find((one) => one.id === id);
}

function tell(id: string, change: Partial<OwnUpload>): void {
  changeUploads(
    (one) => one.id === id && one.state !== 'dropped',
    () => change,
  );
}
