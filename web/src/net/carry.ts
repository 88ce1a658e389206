/** A call that carries bytes to the server and tells how many have gone out. It keeps nothing and tries nothing twice. */
import { ApiError, actingHeaders, refusal } from './api';

/** So long without a byte, either way, and the line counts as dead. */
const STALLED_MS = 30_000;
/** For an answer to what carries no bytes. */
const ANSWERED_MS = 20_000;
/** Where the server looks into a whole file before it answers. */
const INSPECTED_MS = 120_000;

export interface CarriedAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly text: string;
}

export interface Carried {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Blob | FormData;
  readonly signal?: AbortSignal;
  readonly onSent?: (count: number) => void;
}

/** By XMLHttpRequest: `fetch` does not tell how much has gone out. */
function ask(method: string, address: string, { headers = {}, body, signal, onSent }: Carried): Promise<CarriedAnswer> {
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

/** What is no good answer throws. */
export async function carry(method: string, address: string, carried: Carried = {}): Promise<CarriedAnswer> {
  const answer = await ask(method, address, carried);
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
