/** The resumable way of an upload to the server: tus 1.0, one piece at a time. It keeps nothing and tries nothing twice. */
import type { Attachment } from '../gen/wire';
import { ApiError, actingHeaders, refusal } from './api';

/** What is told of a file before its bytes. */
export interface UploadFacts {
  readonly name: string;
  readonly size: number;
  /** In seconds. */
  readonly duration?: number | undefined;
  readonly waveform?: readonly number[] | undefined;
}

/** As an upload is taken to the server. Each rejects with what was refused; `signal` ends it. */
export interface Carrier {
  /** Begins one; the answer is its address. */
  begin(facts: UploadFacts, signal: AbortSignal): Promise<string>;
  /** How many bytes of it the server keeps. */
  offset(address: string, signal: AbortSignal): Promise<number>;
  /** Takes the bytes from there on; the answer is how many it keeps now. `onSent` hears how many of these went out. */
  append(
    address: string,
    from: number,
    bytes: Blob,
    onSent: (count: number) => void,
    signal: AbortSignal,
  ): Promise<number>;
  /** What became of it, once it is whole. */
  file(address: string, signal: AbortSignal): Promise<Attachment>;
  /** The picture of a video. */
  poster(file: number, picture: Blob, signal: AbortSignal): Promise<void>;
  /** Nobody wants it any more, or the file that it became. */
  remove(address: string): Promise<void>;
}

const UPLOADS = '/api/files/uploads';
/** So long without a byte, either way, and the line counts as dead. */
const STALLED_MS = 30_000;
/** For an answer to what carries no bytes. */
const ANSWERED_MS = 20_000;
/** Where the server looks into a whole file before it answers. */
const INSPECTED_MS = 120_000;

interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly text: string;
}

interface Question {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Blob;
  readonly signal?: AbortSignal;
  readonly onSent?: (count: number) => void;
}

/** By XMLHttpRequest: `fetch` does not tell how much has gone out. */
function ask(method: string, address: string, { headers = {}, body, signal, onSent }: Question): Promise<Answer> {
  return new Promise((answer, fail) => {
    const request = new XMLHttpRequest();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const away = (why: string) => () => end(() => fail(new ApiError(0, 'unreachable', why)));
    const abort = () => request.abort();
    const within = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(abort, ms);
    };
    request.open(method, address);
    for (const [name, value] of Object.entries({ ...actingHeaders(), ...headers })) {
      request.setRequestHeader(name, value);
    }
    request.upload.onprogress = ({ loaded }) => {
      within(STALLED_MS);
      onSent?.(loaded);
    };
    request.upload.onload = () => within(INSPECTED_MS);
    request.onload = () => {
      const { status, statusText, responseText: text } = request;
      end(() => answer({ status, statusText, headers: headersOf(request), text }));
    };
    request.onerror = away('the connection broke');
    request.onabort = away('ended');
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) {
      away('ended')();
      return;
    }
    within(body ? STALLED_MS : ANSWERED_MS);
    request.send(body ?? null);
  });
}

function headersOf(request: XMLHttpRequest): Headers {
  const headers = new Headers();
  for (const line of request.getAllResponseHeaders().trim().split('\r\n')) {
    const at = line.indexOf(':');
    if (at > 0) headers.append(line.slice(0, at), line.slice(at + 1).trim());
  }
  return headers;
}

async function told(method: string, address: string, question: Question = {}): Promise<Answer> {
  const headers = address.startsWith(UPLOADS) ? { 'tus-resumable': '1.0.0', ...question.headers } : question.headers;
  const answer = await ask(method, address, { ...question, headers: headers ?? {} });
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw refusal(answer, parsed(answer.text));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Letters beyond Latin-1 are not `btoa`'s business. */
function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}

function metadata({ name, duration, waveform }: UploadFacts): string {
  const facts = {
    filename: name,
    ...(duration === undefined ? {} : { duration: String(duration) }),
    ...(waveform ? { waveform: JSON.stringify(waveform) } : {}),
  };
  return Object.entries(facts)
    .map(([key, value]) => `${key} ${base64(value)}`)
    .join(',');
}

/** An upload and the file it becomes have one number. */
function numberOf(address: string): number {
  return Number(/(\d+)\/?$/.exec(address)?.[1]);
}

function offsetOf({ headers }: Answer): number {
  const offset = Number(headers.get('upload-offset') ?? Number.NaN);
  if (!Number.isSafeInteger(offset)) throw new ApiError(0, 'unreachable', 'no offset');
  return offset;
}

async function metaOf(id: number, signal: AbortSignal): Promise<Attachment> {
  const { text } = await told('GET', `/api/files/${id}/meta`, { signal });
  return (JSON.parse(text) as { data: Attachment }).data;
}

export const tus: Carrier = {
  begin: async (facts, signal) => {
    const headers = { 'upload-length': String(facts.size), 'upload-metadata': metadata(facts) };
    const answer = await told('POST', UPLOADS, { headers, signal });
    const id = numberOf(answer.headers.get('location') ?? '');
    if (!Number.isSafeInteger(id)) throw new ApiError(0, 'unreachable', 'no address');
    // Whatever stands in front of the server may have given it another name.
    return `${UPLOADS}/${id}`;
  },
  offset: async (address, signal) => offsetOf(await told('HEAD', address, { signal })),
  append: async (address, from, body, onSent, signal) => {
    const headers = { 'upload-offset': String(from), 'content-type': 'application/offset+octet-stream' };
    return offsetOf(await told('PATCH', address, { headers, body, onSent, signal }));
  },
  file: (address, signal) => metaOf(numberOf(address), signal),
  poster: async (id, body, signal) => {
    await told('PUT', `/api/files/${id}/poster`, { headers: { 'content-type': body.type }, body, signal });
  },
  remove: async (address) => {
    // While it is not whole it goes by its address, afterwards by that of the file.
    await told('DELETE', address).catch(() => told('DELETE', `/api/files/${numberOf(address)}`));
  },
};
