/**
 * The pages from a directory and everything else from the server, behind one address, as a proxy would: compressed and kept like
 * those of the binary. Unlike pages that a test hands out itself, a service worker sees these, and a slow line slows them down.
 */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DOORS, TYPES } from './dist.mjs';

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

  static async open(directory) {
    const front = new Front();
    front.#root = resolve(directory);
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

  /** From here on the pages come from another directory: the server was upgraded. */
  show(directory) {
    this.#root = resolve(directory);
    this.#kept.clear();
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #serve(asked, answer) {
    const { pathname } = new URL(asked.url, 'http://front');
    if (this.away) return asked.socket.destroy();
    if (DOORS.test(pathname)) return this.#pass(asked, answer);
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

  #pass(asked, answer) {
    const passed = request({ ...this.#target, path: asked.url, method: asked.method, headers: asked.headers }, (told) => {
      answer.writeHead(told.statusCode, told.headers);
      told.pipe(answer);
    });
    passed.on('error', () => asked.socket.destroy());
    asked.pipe(passed);
  }

  #tunnel(asked, socket, head) {
    if (this.away) return socket.destroy();
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
