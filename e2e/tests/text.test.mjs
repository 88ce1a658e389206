/** Each text is drawn where it belongs: on its own side, in its own row, and it turns round nothing but itself. */
import assert from 'node:assert/strict';
import { eventually, suite } from '../harness/suite.mjs';

/** Letters with so many marks that, in a font that stacks them, they reach over the rows above and below. */
const ZALGO = `H${'\u030d\u030e\u0304\u0305\u0316\u0317\u0318\u0319'.repeat(14)}e comes`;
/** Scripts that are tall by nature: a cut would be a wrong word. */
const TALL = 'བརྒྱུད ﷺ Ṩ̌ ปู่ ấệ ྲྀ';

/** Where the letters of a text lie, and its line. */
function boxes(row, text) {
  return row.evaluate((element, wanted) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.data.indexOf(wanted);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      const { left, right } = range.getBoundingClientRect();
      const line = node.parentElement.closest('p, td, pre, blockquote, h2').getBoundingClientRect();
      return { left, right, line: { left: line.left, right: line.right } };
    }
    throw new Error(`no ${wanted}`);
  }, text);
}

const near = (a, b, what) => assert.ok(Math.abs(a - b) < 3, `${what}: ${a} and ${b}`);

suite('text', {}, (play) => {
  play('a line begins on the side of its script, whatever stands beside it', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Sides');
    await ann.say(room, 'שלום לכולם\nand hello\nمرحبا بكم\n\n- פריט\n- item\n\n> ציטוט\n> quote');
    await ann.say(room, 'last');
    const at = await scene.inRoom(ann, room);
    await at.sees('last');
    const row = at.message('and hello');
    // A list and a quote are one thing: their dots and bars stand on one side, and so do their lines.
    for (const words of ['שלום לכולם', 'مرحبا بكم', 'פריט', 'item', 'ציטוט', 'quote']) {
      const { right, line } = await boxes(row, words);
      near(right, line.right, `${words} begins on the right`);
    }
    const { left, line } = await boxes(row, 'and hello');
    near(left, line.left, 'the line in Latin letters begins on the left');
    const marks = await row.evaluate((element) => {
      const list = getComputedStyle(element.querySelector('ul'));
      const quote = getComputedStyle(element.querySelector('blockquote'));
      return [list.direction, list.paddingLeft, quote.direction, quote.borderLeftWidth];
    });
    assert.deepEqual(marks, ['rtl', '0px', 'rtl', '0px'], 'dots and bars stand on the right');
  });

  play('what turns letters round does so in its own text alone', async (scene) => {
    const [ann, eve] = [await scene.person('ann'), await scene.person('eve')];
    const room = await ann.createRoom('Turns');
    await eve.join(room);
    const turned = await eve.say(room, 'first \u202eabc');
    await eve.call('PUT', `/api/messages/${turned.id}`, { content: 'right \u202eabc' });
    await ann.say(room, 'an answer');
    const at = await scene.inRoom(ann, room);
    await at.sees('an answer');
    const row = at.message('right');
    const words = await boxes(row, 'right ');
    const remark = await boxes(row, at.say('timeline.edited'));
    const letters = await boxes(row, 'abc');
    assert.ok(words.right <= letters.left + 1, 'the text itself is in its place');
    assert.ok(remark.left >= letters.right - 1, 'the remark follows it');
  });

  play('names read from the right stand in sentences as whole words', async (scene) => {
    const ann = await scene.person('ann');
    const [david, ahmad] = [await scene.person('david', { display_name: 'דוד' }), await scene.person('ahmad', { display_name: 'أحمد' })];
    const room = await ann.createRoom('חדר!');
    for (const one of [david, ahmad]) await one.join(room);
    await ann.say(room, 'the last');
    const at = await scene.inRoom(ann, room);
    await at.sees('the last');
    const joined = at.page.locator('.tl-system').filter({ hasText: 'דוד' }).filter({ hasText: 'أحمد' });
    const [first, second] = [await boxes(joined, 'דוד'), await boxes(joined, 'أحمد')];
    assert.ok(first.right <= second.left, 'who came first is told first');

    await at.page.goto(`/r/${room.id}?panel=details`);
    await at.button('roomDialogs.leave').click();
    const question = at.page.getByRole('dialog').getByRole('heading');
    // The question may still be on its way to its place.
    await eventually(async () => {
      const [letters, mark] = [await boxes(question, 'חדר'), await boxes(question, '!')];
      assert.ok(mark.right <= letters.left + 1, 'the mark of the name stays with the name');
      assert.equal((await at.page.title()).split(' · ')[0], '\u2068חדר!\u2069');
    });
  });

  play('marks upon marks stay in their row, and tall scripts are whole', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Rows');
    for (const text of ['the row above', ZALGO, 'the row below', TALL]) await ann.say(room, text);
    const at = await scene.inRoom(ann, room);
    await at.sees('ปู่');
    await at.page.evaluate(() => document.fonts.ready.then(() => undefined));
    await at.page.mouse.move(0, 0);
    await at.calm();
    // Not every machine has such a font: a shadow reaches as far as its marks would.
    const ink = '0 -40px red, 0 -22px red, 0 22px red, 0 40px red';
    await at.message('e comes').evaluate((row, shadow) => row.querySelector('p').style.setProperty('text-shadow', shadow), ink);
    const text = (words) => at.message(words).locator('.md p');
    /** Whole pixels that are the row's alone: at its edges two rows share one. */
    const picture = async (words) => {
      const { x, y, width, height } = await text(words).boundingBox();
      const clip = { x, y: Math.ceil(y) + 1, width, height: Math.floor(height) - 2 };
      return at.page.screenshot({ clip, animations: 'disabled' });
    };
    const pictures = async () => [await picture('the row above'), await picture('the row below')];
    const withMarks = await pictures();
    await text('e comes').evaluate((element) => element.style.setProperty('visibility', 'hidden'));
    const without = await pictures();
    for (const side of [0, 1]) assert.ok(withMarks[side].equals(without[side]), 'nothing of it lies over its neighbour');

    const tall = at.message('ปู่').locator('.md');
    const clip = await tall.evaluate((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return { x, y: y - 20, width, height: height + 40 };
    });
    const cut = await at.page.screenshot({ clip, animations: 'disabled' });
    await tall.evaluate((element) => element.style.setProperty('overflow', 'visible'));
    const whole = await at.page.screenshot({ clip, animations: 'disabled' });
    assert.ok(cut.equals(whole), 'nothing of a tall script is cut');
  });
});
