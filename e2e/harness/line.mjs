/** The line of a page's socket, which a test can cut, deafen or spoil. */

/** Set by who wants to see which test looks before what it caused is done: what is said takes so long to be heard. */
export const FAR_MS = Number(process.env.CHINWAG_FAR ?? 0);

const late = (run) => (FAR_MS === 0 ? run() : setTimeout(run, FAR_MS));

export class Line {
  #open = new Set();
  #cut = false;
  /** What the server says does not arrive. */
  deaf = false;
  /** The build of the client that the server is made to name. */
  build;
  /** Every text is refused with this sentence; the server never hears of it. */
  refusal;
  /** What the server tells of a text does not say which send it was. */
  anonymous = false;
  /** How often the page opened a socket. */
  tries = 0;
  /** How many frames the page heard, answers to its pings among them. */
  heard = 0;

  /** @param {import('playwright-core').WebSocketRoute} page */
  carry(page) {
    this.tries += 1;
    if (this.#cut) {
      page.close({ code: 1012 });
      return;
    }
    const server = page.connectToServer();
    this.#open.add(page);
    // What was on its way to a page that is cut off is lost; what it said before is heard.
    const tell = (data) =>
      late(() => {
        if (!this.#open.has(page)) return;
        page.send(data);
        this.heard += 1;
      });
    page.onMessage((data) => {
      const frame = JSON.parse(String(data));
      if (frame.type === 'text' && this.refusal) tell(JSON.stringify(refused(frame, this.refusal)));
      else late(() => server.send(data));
    });
    server.onMessage((data) => {
      if (this.deaf) return;
      const frame = this.build ? JSON.parse(String(data)) : undefined;
      if (frame?.type === 'welcome') tell(JSON.stringify({ ...frame, build: this.build }));
      else tell(this.anonymous ? nameless(data) : data);
    });
    server.onClose((code, reason) => late(() => this.#open.delete(page) && page.close({ code, reason })));
    page.onClose((code, reason) => {
      this.#open.delete(page);
      late(() => server.close({ code, reason }));
    });
  }

  /** Ends what is open and lets nothing new through. */
  async cut() {
    this.#cut = true;
    await Promise.all([...this.#open].map((page) => page.close({ code: 1012 })));
    this.#open.clear();
  }

  mend() {
    this.#cut = false;
  }
}

function nameless(data) {
  const frame = JSON.parse(String(data));
  if (frame.type !== 'text') return data;
  const { client_id: _, ...rest } = frame;
  return JSON.stringify(rest);
}

function refused({ client_id, room_id }, message) {
  return { type: 'error', code: 403, error: message, message, reason: 'forbidden', client_id, room_id };
}
