/** Read from the right, the page is the mirror of the page read from the left: no language of it is offered yet, and none is far. */
import assert from 'node:assert/strict';
import { DESKTOP, eventually, PHONE, suite } from '../harness/suite.mjs';

/** Half a pixel of each edge is rounding. */
const NEAR = 1.5;
const PATIENCE_MS = 5000;

/** What of the page has a place of its own; a text runs along its own line, and does not turn. */
function places(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((element) => !element.closest('body [dir] *, svg *, .md *') && element.checkVisibility({ visibilityProperty: true }))
      .map((element) => ({ element, box: element.getBoundingClientRect(), display: getComputedStyle(element).display }))
      .filter(({ box, display }) => box.width > 1 && !/^(inline|contents)$/.test(display))
      .map(({ element, box }) => ({
        name: `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} ${element.textContent.slice(0, 30)}`,
        from: box.left,
        to: box.right,
        top: box.top,
      })),
  );
}

/** Turns the page round, and compares, once all of it has come. */
const assertMirrored = (page, what) => eventually(() => compare(page, what), { within: PATIENCE_MS });

async function compare(page, what) {
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined))));
  const { width } = page.viewportSize();
  const before = await places(page);
  await page.evaluate(() => {
    document.documentElement.dir = 'rtl';
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  });
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined))));
  const after = await places(page);
  const unturned = await page.evaluate(() =>
    [...document.querySelectorAll('svg[data-turns]')].filter((one) => !getComputedStyle(one).scale.startsWith('-1')).map((one) => one.outerHTML),
  );
  await page.evaluate(() => document.documentElement.removeAttribute('dir'));
  assert.deepEqual(unturned, [], `${what}: what points to a side points to the other`);
  assert.deepEqual(after.map(({ name }) => name), before.map(({ name }) => name), `${what}: the same things stand there`);
  const wrong = after.filter((one, at) => Math.abs(one.from - (width - before[at].to)) > NEAR || Math.abs(one.top - before[at].top) > NEAR);
  assert.deepEqual(
    wrong.slice(0, 12).map((one) => ({ ...one, wanted: width - before[after.indexOf(one)].to })),
    [],
    `${what}: each stands as far from the right as it stood from the left`,
  );
  assert.ok(before.length > 20, `${what}: there is something to compare`);
}

suite('rtl', {}, (play) => {
  for (const [size, shape] of [['a desk', { viewport: DESKTOP }], ['a phone', PHONE]]) {
    play(`all of ${size} is the mirror of itself`, async (scene) => {
      const [ann, ben] = [await scene.person('ann', { display_name: 'Ann' }), await scene.person('ben', { display_name: 'Ben' })];
      const room = await ann.createRoom('Mirror', { description: 'Seen from both sides' });
      await ben.join(room);
      const first = await ben.say(room, `good morning, @${ann.username}`);
      await ann.say(room, 'an answer', { reply_to: first.id });
      await ann.say(room, '```\ncode\n```');
      await ben.say(room, 'the last');
      const at = await scene.client(ann, shape);
      const { page } = at;
      await page.goto('/');
      await at.room('Mirror').waitFor();
      await assertMirrored(page, 'the list');
      await at.openRoom(room);
      await at.sees('the last');
      await assertMirrored(page, 'the room');
      assert.ok((await page.locator('svg[data-turns]').count()) > 0, 'the room has something that points to a side');
      await page.goto(`/r/${room.id}?panel=members`);
      await page.getByTestId('member').first().waitFor();
      await assertMirrored(page, 'the members');
      await page.goto('/');
      await at.button('rooms.create').first().click();
      await page.getByRole('dialog').getByRole('textbox').first().waitFor();
      await assertMirrored(page, 'a dialog');
      for (const settings of ['profile', 'appearance', 'account', 'keyboard']) {
        await page.goto(`/settings/${settings}`);
        await page.getByRole('heading', { name: at.say(`settings.pages.${settings}`) }).first().waitFor();
        await assertMirrored(page, `settings: ${settings}`);
      }
    });
  }
});
