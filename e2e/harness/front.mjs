/**
 * What stands before the server, as a proxy would. The pages may come from a directory: compressed and kept like those of the
 * binary. Unlike pages that a test hands out itself, a service worker sees these, and a slow line slows them down.
 */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DOORS, TYPES } from './dist.mjs';

const WORD = /name="chinwag-build" content="(\w+)"/;
/** A script or style among the assets, as pages, scripts and the worker name it. */
const NAMES = /((?:assets|\.)\/[\w-]+)\.(js|css)\b/g;
const NAMED = /\.(js|css)$/;
const HASHED = /^\/assets\//;
const PACKED = /^\.(html|js|css|svg|webmanifest|txt)$/;

export class Front {
  #root;
  #server;
  #target;
  #policy;
  #kept = new Map();
  /** Nobody is answered while this is so. */
  away = false;
  /** All are answered with this while it is set, as by a proxy whose server is away. */
  refuses;
  /** The word of the build that is handed out, where it is another one; what the one before had is gone then. */
  build;
  #lines = new Set();

  static async open(directory) {
    const front = new Front();
    front.#root = directory && resolve(directory);
    front.#server = createServer((asked, answer) => front.#serve(asked, answer));
    front.#server.on('upgrade', (asked, socket, head) => front.#tunnel(asked, socket, head));
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  get port() {
    return this.#server.address().port;
  }

  /** What stands behind it, by its port on this machine. */
  async lead(port) {
    this.#target = { host: '127.0.0.1', port };
    const { headers } = await fetch(`http://127.0.0.1:${port}`);
    this.#policy = headers.get('content-security-policy');
  }

  /** Ends every line that is open. */
  cut() {
    for (const line of this.#lines) line.destroy();
    this.#server.closeAllConnections();
  }

  /** As it was in the beginning. */
  mend() {
    this.away = false;
    this.refuses = undefined;
    this.build = undefined;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #serve(asked, answer) {
    const { pathname } = new URL(asked.url, 'http://front');
    if (this.away) return asked.socket.destroy();
    if (this.refuses) return answer.writeHead(this.refuses).end();
    if (DOORS.test(pathname)) return this.#pass(asked, answer);
    if (this.build) return void this.#rebuilt(answer, pathname);
    if (!this.#root) return this.#pass(asked, answer);
    const wanted = join(this.#root, pathname);
    const isFile = extname(pathname) !== '';
    if (isFile && !existsSync(wanted)) return answer.writeHead(404).end();
    const path = isFile ? wanted : join(this.#root, pathname === '/api/docs' ? 'docs.html' : 'index.html');
    const packed = PACKED.test(extname(path)) && /gzip/.test(asked.headers['accept-encoding'] ?? '');
    const key = `${path} ${packed}`;
    if (!this.#kept.has(key)) this.#kept.set(key, packed ? gzipSync(readFileSync(path)) : readFileSync(path));
    const body = this.#kept.get(key);
    answer.writeHead(200, {
      'content-type': TYPES[extname(path)],
      'content-length': body.length,
      'content-security-policy': this.#policy,
      'cache-control': HASHED.test(pathname) ? 'public, max-age=31536000, immutable' : 'no-cache',
      ...(packed ? { 'content-encoding': 'gzip' } : {}),
    });
    answer.end(body);
  }

  /** The same client as another build: under another word, its scripts and styles under other names. */
  async #rebuilt(answer, pathname) {
    const [, word] = WORD.exec(await this.#text('/'));
    const isPage = extname(pathname) === '';
    const known = isPage ? '/' : pathname.replace(`.${this.build}.`, '.');
    if (known === pathname && HASHED.test(pathname) && NAMED.test(pathname)) return answer.writeHead(404).end();
    const type = TYPES[isPage ? '.html' : extname(pathname)];
    answer.writeHead(200, { 'content-type': type, 'content-security-policy': this.#policy });
    if (!/html|javascript|css/.test(type)) return answer.end(await this.#read(known));
    const text = await this.#text(known);
    return answer.end(text.replaceAll(word, this.build).replaceAll(NAMES, `$1.${this.build}.$2`));
  }

  async #text(pathname) {
    return (await this.#read(pathname)).toString();
  }

  async #read(pathname) {
    if (this.#root) return readFileSync(join(this.#root, pathname === '/' ? 'index.html' : pathname));
    const { host, port } = this.#target;
    return Buffer.from(await (await fetch(`http://${host}:${port}${pathname}`)).arrayBuffer());
  }

  #pass(asked, answer) {
    const passed = request({ ...this.#target, path: asked.url, method: asked.method, headers: asked.headers }, (told) => {
      answer.writeHead(told.statusCode, told.headers);
      told.pipe(answer);
    });
    passed.on('error', () => asked.socket.destroy());
    asked.pipe(passed);
  }

  #tunnel(asked, socket, head) {
    if (this.away || this.refuses) return socket.destroy();
    this.#lines.add(socket);
    socket.on('close', () => this.#lines.delete(socket));
    const behind = connect(this.#target, () => {
      const lines = [`${asked.method} ${asked.url} HTTP/1.1`];
      for (let at = 0; at < asked.rawHeaders.length; at += 2) lines.push(`${asked.rawHeaders[at]}: ${asked.rawHeaders[at + 1]}`);
      behind.write(`${lines.join('\r\n')}\r\n\r\n`);
      behind.write(head);
      socket.pipe(behind).pipe(socket);
    });
    for (const end of [socket, behind]) end.on('error', () => void (socket.destroy(), behind.destroy()));
  }
}
