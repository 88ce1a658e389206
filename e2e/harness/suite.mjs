/** One server and one browser per suite, fresh browser contexts per test; any error on a page fails the test. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { Person } from './api.mjs';
import { Client } from './client.mjs';
import { servePages } from './dist.mjs';
import { beFar } from './far.mjs';
import { Server } from './server.mjs';
import { Trace } from './trace.mjs';

export { eventually, says } from './eventually.mjs';

const TEST_MS = 120_000;
const WAIT_MS = 15_000;
/** Registrations at a time: each costs the server a whole processor for a while. */
const WIDTH = 4;
/** Set by who builds the pages often: take them from there. */
const PAGES = process.env.CHINWAG_WEB_DIST;
/** So many times slower than this machine the pages shall be. */
const SLOW = Number(process.env.CHINWAG_SLOW ?? 1);
const EXECUTABLE = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A tone for a microphone, a moving figure for a camera; whether a page may have them is asked as ever.
  '--use-fake-device-for-media-stream',
  // Pages that a test hands out itself do not come from a local address, as the browser sees it.
  ...(PAGES ? ['--disable-features=LocalNetworkAccessChecks'] : []),
];
const FAILURES = new URL('../shots/failed/', import.meta.url);

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

/** A machine of the neighbourhood, as far as the browser knows: what comes from it over plain HTTP is not to be trusted. */
export const ELSEWHERE = 'chat.test';

export function launch() {
  const elsewhere = `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`;
  return chromium.launch({ executablePath: EXECUTABLE, args: [...ARGUMENTS, elsewhere] });
}

/**
 * @param {string} name
 * @param {{ settings?: Record<string, string>, host?: string, front?: boolean }} options
 * @param {(play: (title: string, run: (scene: Scene) => Promise<void>) => void) => void} define
 */
export function suite(name, options, define) {
  describe(name, () => {
    const stage = {};
    before(async () => {
      stage.server = await Server.start(options.settings, options.host, options.front && { pages: PAGES });
      stage.browser = await launch();
    });
    after(async () => {
      await stage.browser?.close();
      await stage.server?.remove();
    });
    define((title, run) =>
      // Slow pages take as much longer over a whole play; each wait in it is as short as ever.
      test(title, { timeout: TEST_MS * SLOW }, async (t) => {
        const scene = new Scene(stage.server, stage.browser);
        try {
          await run(scene, t);
          scene.check();
        } catch (cause) {
          await scene.photograph(`${name} ${title}`);
          throw await scene.explain(cause);
        } finally {
          await scene.close();
          // The next test finds the server as it expects it, whatever this one did to it.
          if (!stage.server.running) await stage.server.resume();
          stage.server.front?.mend();
        }
      }),
    );
  });
}

/** Makes this page so many times slower as was asked for. */
async function slow(context, page) {
  if (SLOW <= 1) return;
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOW });
}

let people = 0;

export class Scene {
  #contexts = [];
  #traces = [];
  #complaints = [];
  #expected = [];

  constructor(server, browser) {
    this.server = server;
    this.browser = browser;
  }

  /** An account; its name is unique and begins with `name`. */
  person(name, profile) {
    people += 1;
    return Person.register(this.server, `${name}${people}`, profile);
  }

  /** So many more people, all in this room. */
  async crowd(room, count) {
    const crowd = [];
    while (crowd.length < count) {
      const some = Array.from({ length: Math.min(WIDTH, count - crowd.length) }, () => this.person('crowd'));
      crowd.push(...(await Promise.all(some)));
    }
    for (const person of crowd) await person.join(room);
    return crowd;
  }

  /** A browser of this person that was here before: logged in by cookie, not yet on a page. */
  async client(person, options = {}) {
    const known = { origin: this.server.origin, localStorage: [{ name: 'chinwag.session', value: 'yes' }] };
    const client = await this.visitor({ storageState: { cookies: [], origins: [known] }, ...options });
    const answer = await client.context.request.post(`${this.server.origin}/api/auth/login`, {
      headers: { origin: this.server.origin },
      data: { username: person.username, password: person.password },
    });
    assert.equal(answer.status(), 200, await answer.text());
    client.person = person;
    return client;
  }

  /** The same, with the page open in a room. */
  async inRoom(person, room, options) {
    const client = await this.client(person, options);
    await client.openRoom(room);
    return client;
  }

  /** A browser of nobody. */
  async visitor({ locale = 'en', ...options } = {}) {
    const context = await this.browser.newContext({
      viewport: DESKTOP,
      colorScheme: 'light',
      timezoneId: 'Europe/Berlin',
      permissions: ['clipboard-read', 'clipboard-write'],
      // What a worker fetches is not seen by who spoils the line of a page.
      serviceWorkers: 'block',
      ...options,
      baseURL: this.server.origin,
      locale: locale === 'zh-Hans' ? 'zh-CN' : 'en-GB',
    });
    this.#contexts.push(context);
    if (PAGES && !this.server.front) await servePages(context, this.server, PAGES);
    await beFar(context);
    context.setDefaultTimeout(WAIT_MS);
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`the page broke its own policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    context.on('weberror', (error) => this.#complain(`uncaught: ${error.error().stack ?? error.error()}`));
    context.on('console', (message) => {
      if (message.type() === 'error') this.#complain(`${message.text()} at ${message.location().url}`);
    });
    const trace = (page) => this.#traces.push(new Trace(page, this.#traces.length));
    const page = await context.newPage();
    trace(page);
    context.on('page', trace);
    await slow(context, page);
    // Whatever tabs the play opens beside it are no faster.
    context.on('page', (other) => slow(context, other).catch((cause) => this.#complain(`not slowed down: ${cause.message}`)));
    return new Client(page, locale);
  }

  /** From here on complaints like this one are part of the play. */
  expect(...patterns) {
    this.#expected.push(...patterns);
  }

  #complain(text) {
    if (!this.#expected.some((pattern) => pattern.test(text))) this.#complaints.push(text);
  }

  check() {
    assert.deepEqual(this.#complaints, [], 'the pages complained');
  }

  /** The same with what is known of it: its message, and its stack, which is what the runner prints. */
  async explain(cause) {
    // Every attempt of a click is more than one wants to read.
    const words = cause.message.split('\n').slice(0, 12);
    if (this.#complaints.length > 0) words.push('the pages complained:', ...this.#complaints);
    for (const trace of this.#traces) words.push(await trace.tell());
    const at = cause.stack?.match(/\n {4}at [\s\S]*/)?.[0] ?? '';
    if ('log' in cause) delete cause.log;
    cause.message = words.join('\n');
    cause.stack = `${cause.name}: ${cause.message}${at}`;
    return cause;
  }

  async photograph(title) {
    await mkdir(FAILURES, { recursive: true });
    const name = title.replace(/[^\p{L}\p{N}]+/gu, '-').toLowerCase();
    const pages = this.#contexts.flatMap((context) => context.pages());
    for (const [at, page] of pages.entries()) {
      const path = new URL(`${name}-${at}.png`, FAILURES).pathname;
      await page.screenshot({ path, timeout: WAIT_MS }).catch((cause) => this.#complaints.push(`no picture: ${cause.message}`));
    }
  }

  async close() {
    for (const context of this.#contexts) await context.close();
  }
}
