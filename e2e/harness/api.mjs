/** People by HTTP: what a test needs to be there before it looks at the page. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { eventually } from './eventually.mjs';

export const PASSWORD = 'paper-and-ink-42';
const CALL_MS = 15_000;
/** Sends in flight at a time; more gain nothing. */
const WIDTH = 16;

export class Person {
  #server;
  #token;

  constructor(server, { id, username, token }) {
    this.#server = server;
    this.#token = token;
    this.id = id;
    this.username = username;
    this.password = PASSWORD;
  }

  static async register(server, username, profile) {
    const account = { username, email: `${randomUUID()}@example.com`, password: PASSWORD };
    const { user, token } = await call(server, undefined, 'POST', '/api/auth/register', account);
    const person = new Person(server, { id: user.id, username: user.username, token });
    person.email = account.email;
    if (profile) await person.call('PUT', `/api/users/${user.id}`, profile);
    return person;
  }

  /** The data of the answer; a refusal throws. */
  call(method, path, body) {
    return call(this.#server, this.#token, method, path, body);
  }

  createRoom(name, more = {}) {
    return this.call('POST', '/api/rooms', { name, ...more });
  }

  join(room) {
    return this.call('POST', `/api/rooms/${room.id}/join`);
  }

  /** The conversation with these people. */
  direct(...people) {
    return this.call('POST', '/api/rooms/direct', { user_ids: people.map((person) => person.id) });
  }

  say(room, content, more = {}) {
    return this.call('POST', `/api/rooms/${room.id}/messages`, { content, client_id: randomUUID(), ...more });
  }

  /** A file of this person, whole, that hangs on nothing yet. */
  upload(name, bytes) {
    const form = new FormData();
    form.append('file', new Blob([bytes]), name);
    return this.call('POST', '/api/files/upload', form);
  }

  edit(message, content) {
    return this.call('PUT', `/api/messages/${message.id}`, { content });
  }

  recall(message) {
    return this.call('DELETE', `/api/messages/${message.id}`);
  }

  /** Many messages in this order. */
  async sayAll(room, contents) {
    for (const content of contents) await this.say(room, content);
  }

  /** Many messages, quickly, in any order. */
  async sayMany(room, contents) {
    for (let at = 0; at < contents.length; at += WIDTH) {
      await Promise.all(contents.slice(at, at + WIDTH).map((content) => this.say(room, content)));
    }
  }

  history(room, query = 'limit=100') {
    return this.call('GET', `/api/rooms/${room.id}/messages?${query}`);
  }

  rooms() {
    return this.call('GET', '/api/rooms');
  }

  /** Waits until the server knows that this person has read the room to its end: the page shows it before it says it. */
  hasRead(room) {
    return eventually(async () => {
      const { unread } = (await this.rooms()).find((one) => one.id === room.id);
      assert.equal(unread, 0, 'the server knows it was read');
    });
  }

  /** How often this text stands in the room, by the server's word. */
  async countOf(room, content) {
    return (await this.history(room)).filter((message) => message.content === content).length;
  }
}

async function call(server, token, method, path, body) {
  // A server that a test stops takes kept connections with it.
  const headers = server.steady ? {} : { connection: 'close' };
  if (token) headers.authorization = `Bearer ${token}`;
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers['content-type'] = 'application/json';
  const answer = await fetch(`${server.address}${path}`, {
    method,
    headers,
    body: body === undefined || isForm ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(CALL_MS),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text).data;
}
