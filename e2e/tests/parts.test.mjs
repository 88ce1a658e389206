/** Code that comes later may not come: the page goes on, says so where it is missed, and recovers without a reload. */
import assert from 'node:assert/strict';
import { suite } from '../harness/suite.mjs';

/** What a browser says about a file that does not come. */
const MISSED = /net::ERR_FAILED/;

/** What is opened, how, what stands there once it has come, and in which file of the bundle it is. */
const PARTS = [
  ['jumping', 'dialogs', (at) => at.press('Control+k'), (at) => at.page.getByRole('combobox')],
  ['what draws every dialog', 'overlays', (at) => at.press('Control+k'), (at) => at.page.getByRole('combobox')],
  ['the words of what opens later', 'rest', (at) => at.press('Control+k'), (at) => at.page.getByRole('combobox')],
  ['a person', 'profile', (at) => at.button('timeline.profileOf').click(), (at) => at.page.getByRole('dialog')],
  ['the members', 'panel-body', (at) => at.button('rooms.membersButton').click(), (at) => at.page.getByTestId('member')],
  ['emoji', 'picker', (at) => at.button('composer.emoji').click(), (at) => at.page.getByRole('gridcell').first()],
  ['the frame of the emoji', 'popover', (at) => at.button('composer.emoji').click(), (at) => at.page.getByRole('gridcell').first()],
  ['the menu of a row', 'row-menu', (at) => at.tool('the first words', 'timeline.more'), (at) => at.page.getByRole('menu')],
  ['settings', 'settings-screen', (at) => at.link('app.settings').click(), (at) => at.field('settings.profile.displayName')],
];

/**
 * Nothing of this address comes. `mendBy` presses the button that asks again: what the page fetches ahead by itself is answered no
 * sooner, or the part would be there before the button is found.
 */
async function cut(at, address) {
  let pressed;
  await at.page.route(address, async (route) => {
    if (!pressed) return route.abort();
    await pressed;
    return route.fallback();
  });
  return {
    async mendBy(press) {
      let done;
      pressed = new Promise((resolve) => {
        done = resolve;
      });
      await press();
      done();
    },
  };
}

suite('parts', {}, (play) => {
  for (const [what, file, open, there] of PARTS) {
    play(`${what} may not load: the room stays, and another try brings it`, async (scene) => {
      scene.expect(MISSED);
      const ann = await scene.person('ann');
      const room = await ann.createRoom('Steady');
      await ann.say(room, 'the first words');
      const at = await scene.client(ann);
      const address = new RegExp(`/assets/${file}-[\\w-]+\\.(js|css)`);
      const line = await cut(at, address);
      await at.openRoom(room);
      await at.sees('the first words');
      await at.write('a thought that stays');
      await at.composer.blur();
      await open(at);
      await at.text('ui.part.missing').waitFor();
      if (file !== 'settings-screen') {
        assert.equal(await at.draft(), 'a thought that stays');
        assert.equal(await at.message('the first words').isVisible(), true, 'the room still stands');
        assert.equal(await at.overlap('[data-place=notice]', '.cp-box'), false, 'it lies over the composer');
      }
      await line.mendBy(() => at.button('ui.retry').click());
      await there(at).waitFor();
      await at.text('ui.part.missing').waitFor({ state: 'detached' });
    });
  }

  play('what stands there before the page is drawn stays until it is', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Slow');
    const at = await scene.client(ann);
    // The first script is on its way for ever, the styles of the page are there.
    await at.page.route(/\/assets\/others-/, () => undefined);
    await at.page.goto(`/r/${room.id}`, { waitUntil: 'commit' });
    await at.page.waitForFunction(() => [...document.styleSheets].some(({ href }) => /first-/.test(href)));
    const spot = (x) => at.page.screenshot({ clip: { x, y: 20, width: 4, height: 4 } });
    const [desk, sheet] = [await spot(40), await spot(800)];
    assert.ok(!desk.equals(sheet), 'a sheet lies on the desk');
  });

  play('the page of who is not in may not load, nor the one of who is', async (scene) => {
    scene.expect(MISSED);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Behind the door');
    for (const [file, open, there] of [
      ['gate', async () => scene.visitor(), (at) => at.field('auth.login.username')],
      ['shell', async () => scene.client(ann), (at) => at.composer],
    ]) {
      const at = await open();
      const address = new RegExp(`/assets/${file}-[\\w-]+\\.(js|css)`);
      const line = await cut(at, address);
      await at.page.goto(`/r/${room.id}`);
      await at.text('ui.part.missing').waitFor();
      await line.mendBy(() => at.button('ui.retry').click());
      await there(at).waitFor();
    }
  });

  play('completion may not load: one writes without it, and it is there at the next word', async (scene) => {
    scene.expect(MISSED);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('By hand');
    const at = await scene.client(ann);
    const line = await cut(at, /\/assets\/(completion|formatting)-/);
    await at.openRoom(room);
    const missed = at.page.waitForEvent('requestfailed', (request) => request.url().includes('/completion-'));
    await at.composer.pressSequentially('for @roo');
    await missed;
    assert.equal(await at.page.getByRole('option').count(), 0);
    await at.composer.selectText();
    await at.button('composer.bold').click();
    await at.text('ui.part.missing').waitFor();
    assert.equal(await at.draft(), 'for @roo');
    await at.composer.selectText();
    const notices = at.page.getByRole('region', { name: at.say('ui.notices') });
    await line.mendBy(() => notices.getByRole('button', { name: at.say('ui.retry') }).click());
    await at.page.waitForFunction(() => document.querySelector('textarea').value === '**for @roo**');
    await at.composer.fill('');
    await at.composer.pressSequentially('for @roo');
    await at.page.getByRole('option').waitFor();
  });

  play('a notice about what did not load can be put away', async (scene) => {
    scene.expect(MISSED);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Away with it');
    const at = await scene.client(ann);
    const line = await cut(at, /\/assets\/dialogs-/);
    await at.openRoom(room);
    await at.press('Control+k');
    await at.button('ui.dismiss').click();
    await at.text('ui.part.missing').waitFor({ state: 'detached' });
    await line.mendBy(() => at.press('Control+k'));
    await at.page.getByRole('combobox').waitFor();
  });
});

suite('another build', {}, (play) => {
  play('the server hands out another client: the page offers to reload, and does nothing by itself', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Upgraded');
    const at = await scene.client(ann);
    const line = await at.line();
    await at.openRoom(room);
    await at.post('said in the old page');
    assert.equal(await at.button('app.newVersion').count(), 0, 'the same build is nothing to tell');
    await at.write('half a thought');
    line.build = 'another';
    await line.cut();
    line.mend();
    await at.button('app.newVersion').waitFor();
    assert.equal(await at.draft(), 'half a thought');
    line.build = undefined;
    await at.button('app.newVersion').click();
    await at.sees('said in the old page');
    await at.button('app.newVersion').waitFor({ state: 'detached' });
    assert.equal(await at.draft(), 'half a thought', 'what was written is kept');
  });
});
