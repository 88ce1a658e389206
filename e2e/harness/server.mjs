/** A real server on a free port with a data directory of its own. It can be stopped, killed and started again. */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Front } from './front.mjs';

const BINARY = resolve(import.meta.dirname ?? '.', '..', process.env.CHINWAG_BIN ?? '../target/debug/chinwag');
const START_MS = 30_000;
const STOP_MS = 20_000;
/** So many lines of what the server logged are shown when it does not start. */
const HEAD = 30;

/** Whole suites come from one address, and faster than people do. */
const GENEROUS = {
  LIMITS__REGISTRATIONS_PER_MINUTE: '100000',
  LIMITS__FAILED_LOGINS_PER_MINUTE: '100000',
  LIMITS__FRAMES_PER_SECOND: '1000',
  LIMITS__FRAMES_BURST: '2000',
};

/** Below those that systems give to whoever calls: while a server is away, its pages call without end, and one of those calls could take its place. */
const [FIRST_PORT, LAST_PORT] = [20_000, 32_000];

async function freePort() {
  const port = randomInt(FIRST_PORT, LAST_PORT);
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return freePort();
  }
  probe.close();
  await once(probe, 'close');
  return port;
}

export class Server {
  #child;
  #directory;
  #settings;
  #log = [];
  port;
  /** Who never stops it may say so: calls are several times cheaper over connections that are kept. */
  steady = false;
  #host;
  /** What stands before it, where the pages come from elsewhere than the binary. */
  front;
  /** The link for the first administrator, while there is none. */
  setupLink;

  /**
   * @param {Record<string, string>} settings names without the `CHINWAG__` before them
   * @param {string} host what the browser calls this machine
   * @param {{ pages?: string } | undefined} front something before it: what is in `pages` comes from there and not from the binary
   */
  static async start(settings = {}, host = 'localhost', front = undefined) {
    const server = new Server();
    server.#host = host;
    server.#directory = await mkdtemp(join(tmpdir(), 'chinwag-e2e-'));
    server.#settings = settings;
    server.port = await freePort();
    if (front) server.front = await Front.open(front.pages);
    await server.resume();
    await server.front?.lead(server.port);
    return server;
  }

  /** What a person types in. */
  get origin() {
    return `http://${this.#host}:${this.front?.port ?? this.port}`;
  }

  /** For calls from here: a name could mean an address nobody listens on. */
  get address() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What the server has logged so far. */
  get log() {
    return this.#log.join('\n');
  }

  /** Starts the process again on the same port and data. */
  async resume() {
    const named = this.#host === 'localhost' && !this.front ? {} : { PUBLIC_URL: this.origin };
    const chosen = { ...GENEROUS, ...named, ...this.#settings, LISTEN: `127.0.0.1:${this.port}`, DATA_DIR: join(this.#directory, 'data') };
    // How far away it is for its pages is no setting of its own.
    const { CHINWAG_FAR: _distance, ...env } = process.env;
    for (const [name, value] of Object.entries(chosen)) env[`CHINWAG__${name}`] = value;
    const child = spawn(BINARY, { cwd: this.#directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.setupLink = undefined;
    createInterface({ input: child.stderr }).on('line', (line) => this.#log.push(line));
    const said = createInterface({ input: child.stdout });
    const { promise, resolve: ready, reject } = deferred();
    const timer = setTimeout(() => reject(new Error(`no word from the server in ${START_MS} ms`)), START_MS);
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`the server ended with ${code ?? signal}`)));
    said.on('line', (line) => {
      if (line.includes('/setup#')) this.setupLink = line.trim();
      if (line.includes('Stop with')) ready();
    });
    try {
      await promise;
    } catch (cause) {
      throw new Error(`${cause.message}\n${this.#log.slice(0, HEAD).join('\n')}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  get running() {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Without a chance to write anything. */
  async kill() {
    await this.#end('SIGKILL');
  }

  async stop() {
    await this.#end('SIGTERM');
  }

  async restart() {
    await this.stop();
    await this.resume();
  }

  /** Ends it and forgets its data. */
  async remove() {
    this.front?.close();
    await this.#end('SIGKILL');
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #end(signal) {
    if (!this.running) return;
    const child = this.#child;
    const gone = once(child, 'exit', { signal: AbortSignal.timeout(STOP_MS) });
    child.kill(signal);
    await gone;
  }
}

function deferred() {
  const held = {};
  held.promise = new Promise((resolve, reject) => Object.assign(held, { resolve, reject }));
  return held;
}
