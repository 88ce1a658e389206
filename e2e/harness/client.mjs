/** The web client as a person uses it: by what it says and by its roles. */
import assert from 'node:assert/strict';
import { eventually } from './eventually.mjs';
import { Line } from './line.mjs';
import { Words } from './words.mjs';

/** So many frames in a row in which nothing of a list changed: it is drawn, measured and where it wants to be. */
const CALM_FRAMES = 4;

export class Client {
  /** @param {import('playwright-core').Page} page */
  constructor(page, locale) {
    this.page = page;
    this.words = new Words(locale);
  }

  /** The same page with the words of another language. */
  in(locale) {
    return new Client(this.page, locale);
  }

  get context() {
    return this.page.context();
  }

  say(key) {
    return this.words.say(key);
  }

  like(key, values) {
    return this.words.like(key, values);
  }

  button(key, values) {
    return this.page.getByRole('button', this.#named(key, values));
  }

  link(key, values) {
    return this.page.getByRole('link', this.#named(key, values));
  }

  field(key) {
    return this.page.getByLabel(this.say(key), { exact: true });
  }

  dialog(key, values) {
    return this.page.getByRole('dialog', this.#named(key, values));
  }

  text(key, values) {
    return this.page.getByText(this.like(key, values));
  }

  #named(key, values) {
    const name = values ? this.like(key, values) : this.#plain(key);
    return typeof name === 'string' ? { name, exact: true } : { name };
  }

  #plain(key) {
    try {
      return this.say(key);
    } catch {
      return this.like(key);
    }
  }

  /** Puts a breakable line between the page and the server; before the page is opened. */
  async line() {
    const line = new Line();
    await this.page.routeWebSocket(/\/ws$/, (socket) => line.carry(socket));
    return line;
  }

  /** Closes what is open in front by Esc, once it has taken the focus. */
  async dismiss() {
    // A yes and not the element itself, which would be held for as long as the page is open.
    await this.page.waitForFunction(() => Boolean(document.activeElement?.closest('[role=dialog], [role=menu]')));
    await this.press('Escape');
    await this.page.locator('[role=dialog], [role=menu]').first().waitFor({ state: 'detached' });
  }

  // ---------------------------------------------------------------- rooms

  async openRoom(room) {
    await this.page.goto(`/r/${room.id}`);
    await this.timeline.waitFor();
  }

  /** The room's entry on the desk. */
  room(name) {
    return this.page.getByTestId('room-link').filter({ hasText: name });
  }

  get heading() {
    return this.page.getByRole('heading', { level: 1 });
  }

  // ---------------------------------------------------------------- messages

  get timeline() {
    return this.page.getByRole('log');
  }

  message(text) {
    return this.page.getByTestId('message').filter({ hasText: text });
  }

  /** The message with this text, once it is stored. */
  stored(text) {
    return this.page.locator('[data-testid=message]:not([data-state])').filter({ hasText: text });
  }

  get composer() {
    return this.page.getByTestId('composer').getByRole('textbox');
  }

  async write(text) {
    await this.composer.fill(text);
  }

  async send(text) {
    await this.write(text);
    await this.composer.press('Enter');
  }

  /** Sends, and waits until the server has it. */
  async post(text) {
    await this.send(text);
    await this.stored(text).waitFor();
  }

  /** Waits until the message is shown as one that waits for the server. */
  async waits(text) {
    await this.page.locator('[data-testid=message][data-state=queued]').filter({ hasText: text }).waitFor();
  }

  async sees(text) {
    await this.stored(text).last().waitFor();
  }

  async draft() {
    return this.composer.inputValue();
  }

  /** Waits until these words stand in the box. */
  async hasDraft(text) {
    await eventually(async () => assert.equal(await this.draft(), text));
  }

  /** Waits until the timeline stands still: what was asked of it is drawn, and nothing moves under a hand. */
  async calm() {
    await this.timeline.evaluate(async (list, wanted) => {
      let last;
      for (let same = 0; same < wanted; ) {
        await new Promise((next) => requestAnimationFrame(next));
        const rows = [...list.querySelectorAll('[data-key]')].map((row) => `${row.dataset.key} ${row.getBoundingClientRect().top}`);
        const now = `${list.scrollTop} ${list.scrollHeight} ${rows}`;
        same = now === last ? same + 1 : 0;
        last = now;
      }
    }, CALM_FRAMES);
  }

  /** Waits until the code of this name has come, which the page fetches by itself. */
  async hasCode(name) {
    const has = (wanted) => performance.getEntriesByType('resource').some((one) => one.name.includes(`/${wanted}`));
    await this.page.waitForFunction(has, name);
  }

  /** Points at a message. Nobody points at what still moves: what is scrolled away under a pointer at rest is not under it any more. */
  async pointAt(text) {
    const row = this.message(text);
    await this.calm();
    await row.scrollIntoViewIfNeeded();
    await this.calm();
    await row.hover();
    return row;
  }

  /** Points at a message and presses one of its tools. */
  async tool(text, key) {
    const row = await this.pointAt(text);
    await row.getByRole('toolbar').getByRole('button', { name: this.say(key), exact: true }).click();
  }

  /** How often a text stands in the timeline. */
  async count(text) {
    return this.message(text).count();
  }

  async seesOnce(text) {
    await this.sees(text);
    assert.equal(await this.count(text), 1, `"${text}" stands once`);
  }

  /** Whether any of these lies over the other, wherever both can be seen. */
  overlap(some, other) {
    return this.page.evaluate(
      ([some, other]) => {
        const box = document.querySelector(other).getBoundingClientRect();
        return [...document.querySelectorAll(some)]
          .map((one) => one.getBoundingClientRect())
          .some((one) => one.bottom > box.top && one.top < box.bottom && one.right > box.left && one.left < box.right);
      },
      [some, other],
    );
  }

  /** From the next page on, notes every row that flashes: a flash is short, and a busy machine may look too late. */
  noteFlashes() {
    return this.page.addInitScript(() => {
      globalThis.flashed = [];
      new MutationObserver((changes) => {
        const rows = changes.flatMap(({ target, addedNodes }) => [target, ...addedNodes]);
        for (const row of rows) {
          const lit = row instanceof Element ? [row, ...row.querySelectorAll('[data-flash]')] : [];
          for (const one of lit) if (one.matches('[data-flash]')) globalThis.flashed.push(one.textContent);
        }
      }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-flash'] });
    });
  }

  /** Waits until a row with this text has flashed. */
  async seesFlash(text) {
    await this.page.waitForFunction((wanted) => globalThis.flashed.some((one) => one.includes(wanted)), text);
  }

  // ---------------------------------------------------------------- keyboard

  press(keys) {
    return this.page.keyboard.press(keys);
  }

  type(text) {
    return this.page.keyboard.type(text);
  }

  /** What has the focus, as a person would call it. */
  focused() {
    return this.page.evaluate(() => {
      const at = document.activeElement;
      return at?.getAttribute('aria-label') ?? at?.labels?.[0]?.textContent ?? at?.textContent ?? '';
    });
  }

  /** Waits until this has the focus: what opens takes it a moment after it is seen, and keys before that go elsewhere. */
  async hasFocus(locator) {
    await eventually(async () => {
      const has = await locator.evaluateAll((all) => all.includes(document.activeElement));
      assert.ok(has, `${locator} has not the focus; it is on "${await this.focused()}"`);
    });
  }

  /** Waits until the focus is in this, wherever in it. */
  async holdsFocus(locator) {
    await eventually(async () => {
      const holds = await locator.evaluateAll((all) => all.some((one) => one.contains(document.activeElement)));
      assert.ok(holds, `the focus is not in ${locator}; it is on "${await this.focused()}"`);
    });
  }

  /** Opens the jump by its keys, ready to be written in. */
  async jump() {
    await this.press('Control+k');
    await this.hasFocus(this.page.getByRole('combobox'));
  }

  /** Tabs until the wanted element has the focus. */
  async tabTo(locator, { back = false, most = 60 } = {}) {
    for (let step = 0; step < most; step += 1) {
      if (await locator.evaluate((element) => element === document.activeElement)) return;
      await this.press(back ? 'Shift+Tab' : 'Tab');
    }
    assert.fail(`the focus never came to ${locator}; it is on "${await this.focused()}"`);
  }
}
