/** The resumable way of an upload to the server: tus 1.0, one piece at a time. It keeps nothing and tries nothing twice. */
import type { Attachment } from '../gen/wire';
import { ApiError } from './api';
import { type Carried, type CarriedAnswer, carry } from './carry';

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
  /** Begins one; the answer is its address, without which nobody could give it up: it is not ended on the way. */
  begin(facts: UploadFacts): Promise<string>;
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
async function told(method: string, address: string, carried: Carried = {}): Promise<CarriedAnswer> {
  const headers = address.startsWith(UPLOADS) ? { 'tus-resumable': '1.0.0', ...carried.headers } : carried.headers;
  return carry(method, address, { ...carried, headers });
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
export function addressOf(id: number): string {
  return `${UPLOADS}/${id}`;
}

function numberOf(address: string): number {
  return Number(/(\d+)\/?$/.exec(address)?.[1]);
}

function offsetOf({ headers }: CarriedAnswer): number {
  const offset = Number(headers.get('upload-offset') ?? Number.NaN);
  if (!Number.isSafeInteger(offset)) throw new ApiError(0, 'unreachable', 'no offset');
  return offset;
}

async function metaOf(id: number, signal: AbortSignal): Promise<Attachment> {
  const { text } = await told('GET', `/api/files/${id}/meta`, { signal });
  return (JSON.parse(text) as { data: Attachment }).data;
}

export const tus: Carrier = {
  begin: async (facts) => {
    const headers = { 'upload-length': String(facts.size), 'upload-metadata': metadata(facts) };
    const answer = await told('POST', UPLOADS, { headers });
    const id = numberOf(answer.headers.get('location') ?? '');
    if (!Number.isSafeInteger(id)) throw new ApiError(0, 'unreachable', 'no address');
    // Whatever stands in front of the server may have given it another name.
    return addressOf(id);
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
