/** What a page said and heard last: when a test fails on a machine that nobody can look into, this is all there is to read. */

const LINES = 40;
const WIDTH = 240;
/** What the page is made of tells nothing. */
const PARTS = /\.(js|css|svg|png|woff2|webmanifest|json)(\?|$)/;

export class Trace {
  #page;
  #name;
  #lines = [];
  #begun = Date.now();

  constructor(page, number) {
    this.#page = page;
    this.#name = `page ${number}`;
    page.on('websocket', (socket) => {
      this.#note('socket opens');
      socket.on('framesent', ({ payload }) => this.#note(`> ${payload}`));
      socket.on('framereceived', ({ payload }) => this.#note(`< ${payload}`));
      socket.on('socketerror', (error) => this.#note(`socket error: ${error}`));
      socket.on('close', () => this.#note('socket closes'));
    });
    page.on('framenavigated', (frame) => frame === page.mainFrame() && this.#note(`at ${frame.url()}`));
    page.on('request', (request) => this.#call(request, 'asks'));
    page.on('requestfailed', (request) => this.#call(request, `fails: ${request.failure()?.errorText}`));
    page.on('response', (response) => this.#call(response.request(), response.status()));
    page.on('close', () => this.#note('closes'));
  }

  #call(request, word) {
    const { pathname, search } = new URL(request.url());
    if (!PARTS.test(pathname)) this.#note(`${request.method()} ${pathname}${search} ${word}`);
  }

  #note(text) {
    this.#lines.push(`${((Date.now() - this.#begun) / 1000).toFixed(2).padStart(7)} ${String(text).slice(0, WIDTH)}`);
    if (this.#lines.length > LINES) this.#lines.shift();
  }

  /** The last lines, and what the page shows that the server does not have. */
  async tell() {
    const unsent = this.#page.locator('[data-testid=message][data-state]');
    const rows = await unsent.evaluateAll((all) => all.map((row) => `${row.dataset.state}: ${row.textContent}`)).catch(() => []);
    const locks = await this.#page
      .evaluate(async () => JSON.stringify(await navigator.locks?.query()))
      .catch((cause) => cause.message);
    this.#note(`now; unsent: ${JSON.stringify(rows)}; locks: ${locks}`);
    return `${this.#name}:\n${this.#lines.join('\n')}`;
  }
}
