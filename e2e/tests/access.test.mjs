/** axe finds nothing on any screen, by day and by night, on a desk and on a phone. */
import assert from 'node:assert/strict';
import { assertAccessible } from '../harness/axe.mjs';
import { PHONE, suite } from '../harness/suite.mjs';
import { tell } from '../harness/story.mjs';

const LOOKS = [
  { name: 'light', colorScheme: 'light' },
  { name: 'dark', colorScheme: 'dark' },
];

suite('axe before the login', {}, (play) => {
  for (const { name, ...look } of LOOKS) {
    play(`welcome, set-up, login, register, ${name}`, async (scene) => {
      for (const size of [{}, PHONE]) {
        const guest = await scene.visitor({ ...look, ...size });
        for (const [path, ready] of [
          ['/', 'auth.welcome.title'],
          [new URL(scene.server.setupLink).pathname + new URL(scene.server.setupLink).hash, 'auth.setup.title'],
          ['/login', 'auth.login.title'],
          ['/register', 'auth.register.title'],
        ]) {
          await guest.page.goto('about:blank');
          await guest.page.goto(path);
          await guest.page.getByRole('heading', { name: guest.say(ready) }).waitFor();
          await assertAccessible(guest.page, `${path} ${name}`);
        }
        await guest.button('auth.register.submit').click();
        await guest.text('auth.problem.nameMissing').waitFor();
        await assertAccessible(guest.page, `register with errors ${name}`);
      }
    });
  }
});

suite('axe', {}, (play) => {
  let told;
  const story = async (scene) => {
    told ??= await tell(scene.server);
    return told;
  };

  for (const { name, ...look } of LOOKS) {
    const enter = async (scene, size = {}) => {
      const { people, rooms } = await story(scene);
      const at = await scene.inRoom(people.maya, rooms.release, { ...look, ...size });
      await at.sees('Better than I hoped.');
      return { at, rooms, people };
    };
    const check = (at, what) => assertAccessible(at.page, `${what}, ${name}`);

    play(`the room, its tools and its empty sister, ${name}`, async (scene) => {
      const { at, people } = await enter(scene);
      await check(at, 'room');
      await at.pointAt('Plan for');
      await check(at, 'row toolbar');
      await at.tool('I am. It only happens', 'timeline.more');
      await at.page.getByRole('menu').waitFor();
      await check(at, 'row menu');
      await at.dismiss();
      await at.tool('Will do, today', 'timeline.reply');
      await at.composer.pressSequentially('Thanks @to');
      await at.page.getByRole('option').first().waitFor();
      await check(at, 'reply and completion');
      await at.press('Escape');
      const empty = await people.maya.createRoom(`empty ${name}`);
      await at.openRoom(empty);
      await check(at, 'empty room');
      scene.expect(/status of 404/);
      await at.page.goto('/r/999999');
      await at.text('app.roomGone').waitFor();
      await check(at, 'no such room');
    });

    play(`panels and cards, ${name}`, async (scene) => {
      const { at } = await enter(scene);
      await at.button('rooms.membersButton').click();
      await at.page.getByTestId('member').first().waitFor();
      await check(at, 'members');
      await at.page.getByTestId('member').filter({ hasText: '李明' }).getByRole('button').first().click();
      await at.dialog('profile.label').waitFor();
      await check(at, 'profile card');
      await at.dismiss();
      await at.page.getByRole('main').getByRole('button', { name: at.like('rooms.details') }).first().click();
      const edit = at.page.getByRole('complementary').getByRole('button', { name: at.say('rooms.editRoom') });
      await edit.waitFor();
      await check(at, 'details');
      await edit.click();
      await check(at, 'editing details');
    });

    play(`dialogs, ${name}`, async (scene) => {
      const { at } = await enter(scene);
      await at.button('app.browse').first().click();
      await at.page.getByRole('dialog').getByText('One book a month').waitFor();
      await check(at, 'browse');
      await at.dismiss();
      await at.button('rooms.create').first().click();
      await at.dialog('roomDialogs.createTitle').waitFor();
      await check(at, 'create');
      await at.dismiss();
      await at.button('rooms.startDirect').first().click();
      await at.page.getByRole('dialog').getByText('@jonas').waitFor();
      await check(at, 'start a conversation');
      await at.dismiss();
      await at.press('Control+k');
      await at.page.getByRole('option').first().waitFor();
      await check(at, 'quick switch');
      await at.dismiss();
      await at.press('Control+/');
      await at.dialog('keys.title').waitFor();
      await check(at, 'keyboard help');
      await at.dismiss();
      await at.button('composer.emoji').click();
      await at.page.getByRole('grid').waitFor();
      await check(at, 'emoji picker');
      // The last group is a long way down, and one press away.
      const flags = at.page.getByRole('group', { name: at.say('emoji.groups') }).getByRole('button').last();
      const name = await flags.getAttribute('aria-label');
      await flags.click();
      await at.page.locator('.emoji-group').filter({ hasText: name }).waitFor();
    });

    play(`settings, kit and API page, ${name}`, async (scene) => {
      const { at } = await enter(scene);
      for (const page of ['profile', 'account', 'appearance', 'language', 'keyboard', 'about']) {
        await at.page.goto(`/settings/${page}`);
        await at.page.getByRole('heading', { name: at.say(`settings.pages.${page}`) }).first().waitFor();
        if (page === 'account') await at.text('settings.sessions.current').waitFor();
        await check(at, `settings ${page}`);
      }
      await at.page.goto('/_kit');
      await at.page.getByRole('heading', { level: 1 }).waitFor();
      await check(at, 'kit');
      await at.page.goto('/api/docs');
      await at.page.getByText('/api/auth/login').first().waitFor();
      await check(at, 'API page');
    });

    play(`the same on a phone, ${name}`, async (scene) => {
      const { at } = await enter(scene, PHONE);
      await check(at, 'room');
      await at.button('rooms.membersButton').tap();
      await at.page.getByTestId('member').first().waitFor();
      await check(at, 'members');
      await at.page.goto('/');
      await at.room('release').waitFor();
      await check(at, 'list');
      await at.button('app.browse').first().tap();
      await at.page.getByRole('dialog').getByText('One book a month').waitFor();
      await check(at, 'browse');
      await at.page.goto('/settings');
      await at.link('settings.pages.appearance').waitFor();
      await check(at, 'settings list');
      await at.link('settings.pages.appearance').tap();
      await at.page.getByRole('slider').waitFor();
      await check(at, 'settings page');
    });
  }

  play('axe does find what is wrong', async (scene) => {
    const { people, rooms } = await story(scene);
    const at = await scene.inRoom(people.maya, rooms.release);
    await at.sees('Better than I hoped.');
    await at.composer.evaluate((box) => box.removeAttribute('aria-label'));
    await at.composer.evaluate((box) => box.removeAttribute('placeholder'));
    await assert.rejects(assertAccessible(at.page, 'spoiled'), /label/);
  });
});
