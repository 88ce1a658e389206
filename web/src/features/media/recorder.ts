/**
 * One recording of one place: the machine of lib/media/recording with the device under it. It outlives what draws it, so that who
 * moves on loses nothing. No DOM.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { type RecordingKind, recordingName } from '../../lib/media/formats';
import { Peaks } from '../../lib/media/peaks';
import {
  elapsed,
  endsOnRelease,
  holdsSound,
  isOpen,
  NOT_RECORDING,
  type Recording,
  type RecordingEvent,
  recorded,
} from '../../lib/media/recording';
import { type Capture, type OpenCapture, Refused } from './capture';

/** What is handed to who sends it. */
export interface FinishedRecording {
  readonly kind: RecordingKind;
  readonly blob: Blob;
  readonly mediaType: string;
  readonly fileName: string;
  readonly durationMs: number;
  /** At most 64 peaks, 0 to 100. */
  readonly waveform?: readonly number[] | undefined;
  readonly poster?: Blob | undefined;
}

export interface RecorderState {
  readonly recording: Recording;
  readonly ms: number;
  /** The last levels, 0 to 1, the newest last. */
  readonly levels: readonly number[];
  /** Nothing at all was heard so far, and something should have been. */
  readonly silent: boolean;
  /** What the camera sees now. */
  readonly stream: MediaStream | undefined;
  readonly finished: FinishedRecording | undefined;
}

const NOTHING: RecorderState = {
  recording: NOT_RECORDING,
  ms: 0,
  levels: [],
  silent: false,
  stream: undefined,
  finished: undefined,
};

/** The longest that is recorded, in ms. */
export const LONGEST: Readonly<Record<RecordingKind, number>> = { voice: 15 * 60_000, video: 3 * 60_000 };
/** So many of the last levels are held, as bars of what is drawn while one speaks. */
export const LEVELS = 120;
/** A microphone that works hears more than this, of any room. */
const DEAF = 0.004;
const DEAF_MS = 3000;
/** So long a video waits for its picture; without one it is still the video. */
const POSTER_MS = 3000;

export class Recorder {
  readonly store: StoreApi<RecorderState> = createStore<RecorderState>(() => NOTHING);
  readonly #kind: RecordingKind;
  readonly #open: OpenCapture;
  readonly #now: () => number;
  #capture: Capture | undefined;
  #peaks = new Peaks();
  /** The loudest so far; nothing where this browser cannot tell. */
  #heard: number | undefined;
  #pictured: () => void = () => undefined;
  /** Counts what was begun: what belongs to an earlier one comes too late. */
  #turn = 0;

  constructor(kind: RecordingKind, open: OpenCapture, now: () => number) {
    this.#kind = kind;
    this.#open = open;
    this.#now = now;
  }

  /** Asks for the device; a voice is recorded from then on, a video from `begin` on. */
  async press(): Promise<void> {
    if (!this.#tell({ type: 'pressed' })) return;
    this.#turn += 1;
    this.store.setState({ ...NOTHING, recording: this.store.getState().recording });
    const turn = this.#turn;
    const current = () => turn === this.#turn;
    try {
      const capture = await this.#open(this.#kind, {
        onTick: (level) => current() && this.#tick(level),
        onLost: () => current() && this.#lost(),
      });
      if (!current()) return capture.close();
      this.#capture = capture;
      this.store.setState({ stream: capture.stream });
      this.#tell({ type: 'granted' });
      if (this.#kind === 'voice') this.begin();
    } catch (cause) {
      if (current()) this.#refuse(cause);
    }
  }

  begin(): void {
    if (this.store.getState().recording.phase !== 'ready') return;
    try {
      this.#capture?.begin();
    } catch (cause) {
      this.#refuse(cause);
      return;
    }
    this.#peaks = new Peaks();
    this.#heard = undefined;
    this.#tell({ type: 'begun', now: this.#now() });
  }

  pause(): void {
    if (this.#tell({ type: 'paused', now: this.#now() })) this.#capture?.pause();
  }

  resume(): void {
    if (this.#tell({ type: 'resumed', now: this.#now() })) this.#capture?.resume();
  }

  /** The button was let go of: where it was held, that is the end. */
  release(): void {
    if (endsOnRelease(this.store.getState().recording, this.#now())) void this.stop();
  }

  /** Puts together what was recorded, to be heard. */
  async stop(): Promise<void> {
    if (!this.#tell({ type: 'stopped', now: this.#now() })) return;
    const turn = this.#turn;
    const capture = this.#capture;
    this.#capture = undefined;
    const blob = await capture?.finish().catch(() => undefined);
    if (turn !== this.#turn) return;
    const durationMs = elapsed(this.store.getState().recording, 0);
    const whole = blob && blob.size > 0 ? this.#whole(blob, durationMs) : undefined;
    this.store.setState({ finished: whole, stream: undefined, ms: durationMs });
    this.#tell({ type: 'closed', empty: !whole });
  }

  #whole(blob: Blob, durationMs: number): FinishedRecording {
    const peaks = this.#peaks.take();
    return {
      kind: this.#kind,
      blob,
      mediaType: blob.type,
      fileName: recordingName(this.#kind, blob.type, new Date()),
      durationMs,
      waveform: peaks.length > 0 ? peaks : undefined,
    };
  }

  /** A video's picture, made while it is looked at; nothing where there can be none. */
  addPoster(poster: Blob | undefined): void {
    const { finished } = this.store.getState();
    if (finished && poster) this.store.setState({ finished: { ...finished, poster } });
    this.#pictured();
  }

  /** Who is quick to send may be quicker than the picture. */
  #awaitPoster(finished: FinishedRecording): Promise<void> {
    if (finished.kind === 'voice' || finished.poster) return Promise.resolve();
    return new Promise((done) => {
      this.#pictured = done;
      setTimeout(done, POSTER_MS);
    });
  }

  /** Where it cannot be handed over it stays, to be tried again; whose affair that is has told why. */
  async send(hand: (finished: FinishedRecording) => Promise<void> | void): Promise<void> {
    if (isOpen(this.store.getState().recording)) await this.stop();
    const { finished } = this.store.getState();
    if (!finished || !this.#tell({ type: 'sending' })) return;
    const turn = this.#turn;
    await this.#awaitPoster(finished);
    // It was thrown away meanwhile, or its account left.
    if (turn !== this.#turn) return;
    try {
      await hand(this.store.getState().finished ?? finished);
      if (turn === this.#turn) this.discard();
    } catch {
      if (turn === this.#turn) this.#tell({ type: 'kept' });
    }
  }

  /** Throws it away, and gives the device back. */
  discard(): void {
    this.#turn += 1;
    this.#capture?.close();
    this.#capture = undefined;
    this.#tell({ type: 'done' });
    this.store.setState(NOTHING, true);
  }

  /** Nobody looks any more: nothing goes on being recorded, and what was recorded stays. */
  leave(): void {
    const { recording } = this.store.getState();
    if (isOpen(recording)) void this.stop();
    else if (!holdsSound(recording)) this.discard();
  }

  #tick(level: number | undefined): void {
    const { recording, levels } = this.store.getState();
    if (recording.phase !== 'running' && recording.phase !== 'ready') return;
    const ms = elapsed(recording, this.#now());
    if (recording.phase === 'running') {
      if (ms >= LONGEST[this.#kind]) return void this.stop();
      if (level !== undefined) {
        this.#peaks.push(level);
        this.#heard = Math.max(this.#heard ?? 0, level);
      }
    }
    this.store.setState({
      ms,
      levels: level === undefined ? levels : [...levels.slice(1 - LEVELS), level],
      silent: ms > DEAF_MS && this.#heard !== undefined && this.#heard < DEAF,
    });
  }

  #lost(): void {
    const { recording } = this.store.getState();
    if (isOpen(recording)) void this.stop();
    else if (recording.phase === 'ready') this.#refuse(undefined);
  }

  #refuse(cause: unknown): void {
    this.#capture?.close();
    this.#capture = undefined;
    this.store.setState({ stream: undefined });
    this.#tell({ type: 'refused', why: cause instanceof Refused ? cause.why : 'failed' });
  }

  /** Whether that meant something now. */
  #tell(event: RecordingEvent): boolean {
    const before = this.store.getState().recording;
    const recording = recorded(before, event);
    if (recording !== before) this.store.setState({ recording });
    return recording !== before;
  }
}
