/** The microphone and the camera of this device, and what makes a file of what they give. Nothing of it is heard or drawn here. */
import { type DeviceFault, faultOf, missingOf } from '../../lib/media/faults';
import { plainType, type RecordingKind, recordingType } from '../../lib/media/formats';
import { levelOf } from '../../lib/media/peaks';

/** Why there is no microphone or camera. */
export class Refused extends Error {
  readonly why: DeviceFault;

  constructor(why: DeviceFault) {
    super(why);
    this.why = why;
  }
}

/** What an open device tells, until it is closed. */
export interface Listener {
  /** Each `TICK_MS`, how loud it is, 0 to 1, where the browser can tell. */
  onTick(level: number | undefined): void;
  /** It was taken away, or gave up. */
  onLost(): void;
}

/** An open device. Each of its calls may be made at any time; what makes no sense then does nothing. */
export interface Capture {
  /** What it sees and hears now. */
  readonly stream: MediaStream;
  begin(): void;
  pause(): void;
  resume(): void;
  /** What was recorded; the device is closed. */
  finish(): Promise<Blob>;
  /** Gives the device back. */
  close(): void;
}

export type OpenCapture = (kind: RecordingKind, listener: Listener) => Promise<Capture>;

const TICK_MS = 50;
/** So often what was recorded is handed over: what a page holds of it is never more than that behind. */
const SLICE_MS = 1000;
/** A browser that was interrupted may never say that it stopped: what it has handed over by then is what there is. */
const STOPPED_MS = 5000;
const VOICE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
const FACE = { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24, max: 30 } };
/** Speech needs no more; three minutes of a face are 30 MB. */
const BITS = { audioBitsPerSecond: 32_000, videoBitsPerSecond: 1_200_000 };

/** Asks for the device. Throws `Refused`. */
export const openCapture: OpenCapture = async (kind, listener) => {
  const records = typeof MediaRecorder !== 'undefined';
  const type = records ? recordingType(kind, (one) => MediaRecorder.isTypeSupported(one)) : undefined;
  const missing = missingOf({
    secure: window.isSecureContext,
    asks: typeof navigator.mediaDevices?.getUserMedia === 'function',
    records: type !== undefined,
  });
  if (missing || type === undefined) throw new Refused(missing ?? 'unsupported');
  const wanted = kind === 'voice' ? { audio: VOICE } : { audio: VOICE, video: FACE };
  const stream = await navigator.mediaDevices.getUserMedia(wanted).catch((cause: unknown) => {
    throw new Refused(faultOf(cause));
  });
  return new OpenDevice(stream, type, listener);
};

class OpenDevice implements Capture {
  #recorder: MediaRecorder | undefined;
  #slices: Blob[] = [];
  readonly #meter: Meter;
  readonly #type: string;
  readonly #listener: Listener;
  readonly stream: MediaStream;

  constructor(stream: MediaStream, type: string, listener: Listener) {
    this.stream = stream;
    this.#type = type;
    this.#listener = listener;
    this.#meter = new Meter(stream, (level) => listener.onTick(level));
    for (const track of stream.getTracks()) track.addEventListener('ended', () => listener.onLost());
  }

  begin(): void {
    if (this.#recorder) return;
    const recorder = new MediaRecorder(this.stream, { mimeType: this.#type, ...BITS });
    recorder.addEventListener('dataavailable', ({ data }) => {
      if (data.size > 0) this.#slices.push(data);
    });
    // The device may be well, and what writes down what it gives may not be: nothing more would come, and nobody would know.
    recorder.addEventListener('error', () => this.#listener.onLost());
    recorder.start(SLICE_MS);
    this.#recorder = recorder;
  }

  pause(): void {
    if (this.#recorder?.state === 'recording') this.#recorder.pause();
  }

  resume(): void {
    if (this.#recorder?.state === 'paused') this.#recorder.resume();
  }

  async finish(): Promise<Blob> {
    const recorder = this.#recorder;
    if (recorder && recorder.state !== 'inactive') {
      await new Promise<void>((done) => {
        recorder.addEventListener('stop', () => done(), { once: true });
        setTimeout(done, STOPPED_MS);
        recorder.stop();
      });
    }
    this.close();
    return new Blob(this.#slices, { type: plainType(recorder?.mimeType || this.#type) });
  }

  close(): void {
    this.#meter.close();
    for (const track of this.stream.getTracks()) track.stop();
  }
}

/** Tells how loud it is. Where a browser cannot, it only ticks: what is recorded is the same. */
class Meter {
  readonly #context: AudioContext | undefined;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(stream: MediaStream, onTick: (level: number | undefined) => void) {
    const context = typeof AudioContext === 'undefined' ? undefined : new AudioContext();
    const analyser = context?.createAnalyser();
    if (context && analyser) context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser?.fftSize ?? 0);
    const level = () => {
      if (context?.state !== 'running') return undefined;
      analyser?.getFloatTimeDomainData(samples);
      return levelOf(samples);
    };
    this.#context = context;
    this.#timer = setInterval(() => onTick(level()), TICK_MS);
    // Without a recent press it sleeps; a page that may listen may wake it.
    context?.resume().catch(() => undefined);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#context?.close().catch(() => undefined);
  }
}
