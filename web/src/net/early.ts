/**
 * Answers to what the page asked before its scripts were there (public/boot.js): who this is, what the server says of itself, the
 * rooms, the end of the one in the address. Each is good once, and only until this page has a connection or somebody logs in or out: later they would be old.
 */
type Asked = Map<string, Promise<Response | undefined>>;

const asked = (globalThis as { chinwagEarly?: Asked }).chinwagEarly ?? (new Map() as Asked);

export function isAsked(address: string): boolean {
  return asked.has(address);
}

export function takeEarly(address: string): Promise<Response | undefined> | undefined {
  const answer = asked.get(address);
  asked.delete(address);
  return answer;
}

export function forgetEarly(): void {
  asked.clear();
}
