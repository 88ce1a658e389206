/** The focus is never lost: whatever opens by the keyboard gives it back when it closes, also where what opened it is gone. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { eventually, suite } from '../harness/suite.mjs';

const SRC = new URL('../../web/src/', import.meta.url);
const OVER = '[role=dialog], [role=alertdialog], [role=menu]';

const start = (key, nth = 'first') => async (at) => {
  await at.button(key)[nth]().focus();
  await at.press('Enter');
};
const keys = (keys) => async (at) => {
  await at.composer.focus();
  await at.press(keys);
};
const onMessage = (key) => async (at) => {
  await at.message('a word of mine').focus();
  await at.press(key);
};
const onMember = (item) => async (at) => {
  const row = at.page.getByTestId('member').filter({ hasText: 'Ben' });
  await row.getByRole('button').last().focus();
  await at.press('Enter');
  if (!item) return;
  const wanted = at.page.getByRole('menuitem', { name: at.say(item) });
  await at.holdsFocus(at.page.getByRole('menu'));
  for (let step = 0; step < 8 && !(await has(wanted)); step += 1) await at.press('ArrowDown');
  await at.hasFocus(wanted);
  await at.press('Enter');
  await at.page.getByRole('menu').waitFor({ state: 'detached' });
};

/** All that opens over the page, by the file that draws it, and how one opens it by keys. */
const OVERLAYS = [
  ['app/sidebar.tsx', '', start('app.menu')],
  ['app/desk-menu.tsx', '', start('app.menu')],
  ['features/rooms/create.tsx', '', start('rooms.create')],
  ['features/rooms/finder.tsx', '', start('app.browse')],
  ['features/quick-switch/quick-switch.tsx', '', keys('Control+k')],
  ['app/help.tsx', '', keys('Control+/')],
  ['features/emoji/popover.tsx', '', start('composer.emoji')],
  [
    'features/emoji/manage.tsx',
    '',
    async (at) => {
      await start('composer.emoji')(at);
      await start('emoji.manage')(at);
      await at.dialog('emoji.own').waitFor();
    },
  ],
  ['features/media/video-recorder.tsx', '', start('media.videoMessage')],
  ['features/timeline/row-menu.tsx', '', onMessage('Enter')],
  ['features/timeline/row-menu.tsx', '', onMessage('Delete')],
  ['features/profile/profile.tsx', '?panel=members', onMember('members.profile')],
  ['features/members/panel.tsx', '?panel=members', onMember()],
  ['features/members/panel.tsx', '?panel=members', onMember('members.make.owner')],
  ['features/members/panel.tsx', '?panel=members', onMember('members.kick')],
  ['features/rooms/add-people.tsx', '?panel=members', start('members.add', 'last')],
  ['features/rooms/details.tsx', '?panel=details', start('roomDialogs.leave')],
  ['features/rooms/details.tsx', '?panel=details', start('roomDialogs.deleteRoom')],
  ['features/avatars/dialog.tsx', '/settings/profile', start('avatars.choose')],
  ['features/settings/account.tsx', '/settings/account', start('settings.account.deactivate')],
  ['features/settings/sessions.tsx', '/settings/account', start('settings.sessions.endOthers')],
  [
    'app/leave.tsx',
    '/settings/account',
    async (at, room) => {
      await at.openRoom(room);
      await at.write('a thought that goes with the account');
      await at.page.goto('/settings/account');
      await furnished(at);
      await start('settings.account.logout')(at);
    },
  ],
  [
    'features/composer/ask-everybody.tsx',
    '',
    async (at) => {
      await at.write('@room look');
      await at.composer.press('Enter');
    },
  ],
];
/** Who closes this one has logged in again. */
const ANSWERED = ['features/auth/session-ended.tsx'];
/** No key opens this one, only a finger (files.test.mjs). */
const TOUCHED = ['features/composer/files-sight.tsx'];

const has = (locator) => locator.evaluateAll((all) => all.includes(document.activeElement));

/** Closed with Esc, or by what was pressed: in a moment the focus is somewhere, and stays there. */
async function assertKept(at, what) {
  await at.page.locator(OVER).first().waitFor({ state: 'detached' });
  const where = () => at.page.evaluate(() => document.activeElement?.tagName ?? 'BODY');
  await eventually(async () => assert.notEqual(await where(), 'BODY', `${what}: the focus is on nothing`), { within: 3000 });
  await at.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done)))));
  assert.notEqual(await where(), 'BODY', `${what}: the focus fell back to nothing`);
}

/** The code that opens such things has come, and looks after the focus with it. */
async function furnished(at) {
  await at.page.waitForFunction(() => document.getElementById('react-aria-pressable-style') !== null);
}

suite('focus', {}, (play) => {
  play('whatever opens over the page is opened here', async () => {
    const tag = /<(?:Dialog|ConfirmDialog|Sheet|Popover|Menu|MenuButton)\b/g;
    const files = readdirSync(SRC, { recursive: true }).filter((name) => /\.tsx$/.test(name) && !/^(?:ui|features\/kit)\/|\.test\./.test(name));
    const drawn = files.flatMap((name) => (readFileSync(new URL(name, SRC), 'utf8').match(tag) ?? []).map(() => name));
    assert.deepEqual([...OVERLAYS.map(([file]) => file), ...ANSWERED, ...TOUCHED].sort(), drawn.sort(), 'a row for each');
  });

  play('menus and dialogs opened by keys give the focus back when they close', async (scene) => {
    const [ann, ben] = [await scene.person('ann', { display_name: 'Ann' }), await scene.person('ben', { display_name: 'Ben' })];
    const room = await ann.createRoom('Focus');
    await ben.join(room);
    await ann.say(room, 'a word of mine');
    const at = await scene.client(ann);
    let here;
    for (const [file, where, open] of OVERLAYS) {
      const path = where.startsWith('/') ? where : `/r/${room.id}${where}`;
      if (path !== here) {
        await at.page.goto(path);
        if (path.startsWith('/r/')) await at.sees('a word of mine');
        await furnished(at);
      }
      here = path;
      await open(at, room);
      await at.dismiss();
      await assertKept(at, file);
    }
  });

  play('where what opened them is gone, the focus goes to what is nearest', async (scene) => {
    const [ann, ben, zoe] = [await scene.person('ann'), await scene.person('ben', { display_name: 'Ben' }), await scene.person('zoe')];
    const room = await ann.createRoom('Gone');
    for (const one of [ben, zoe]) await one.join(room);
    const words = await ben.say(room, 'taken back meanwhile');
    await ann.say(room, 'a word of mine');
    const at = await scene.inRoom(ann, room);
    await at.sees('a word of mine');
    await furnished(at);

    await at.message('taken back meanwhile').focus();
    await at.press('Enter');
    await at.page.getByRole('menu').waitFor();
    await ben.recall(words);
    await at.text('timeline.recalled').waitFor();
    await at.dismiss();
    await assertKept(at, 'the menu of a message that was taken back');

    const question = at.page.getByRole('dialog');
    await onMessage('Enter')(at);
    await at.holdsFocus(at.page.getByRole('menu'));
    await at.press('End');
    await at.hasFocus(at.page.getByRole('menuitem', { name: at.say('timeline.recall') }));
    await at.press('Enter');
    await question.waitFor();
    await at.dismiss();
    await at.hasFocus(at.message('a word of mine'));
    await assertKept(at, 'taking back from the menu, given up');
    await at.press('Delete');
    await at.holdsFocus(question);
    await at.tabTo(question.getByRole('button', { name: at.say('timeline.recall') }));
    const taken = at.page.waitForResponse((answer) => answer.request().method() === 'DELETE');
    await at.press('Enter');
    await assertKept(at, 'taken back');
    await taken;
    // The next page may come before this one has noted the answer: it asks again, and is refused as done.
    scene.expect(/409 \(Conflict\) at .*\/api\/messages\/\d+$/);

    await at.page.goto(`/r/${room.id}?panel=members`);
    await furnished(at);
    await onMember('members.kick')(at);
    await at.tabTo(at.dialog('members.kickTitle').getByRole('button', { name: at.say('members.kickConfirm') }));
    await at.press('Enter');
    await at.page.getByTestId('member').filter({ hasText: 'Ben' }).waitFor({ state: 'detached' });
    await assertKept(at, 'somebody was removed');
    await at.holdsFocus(at.page.getByRole('complementary'));

    await at.button('app.closePanel').focus();
    await at.press('Enter');
    await at.page.getByRole('complementary').waitFor({ state: 'detached' });
    await assertKept(at, 'the panel closed by its own button');

    await at.page.goto(`/r/${room.id}?panel=details`);
    await furnished(at);
    await start('rooms.editRoom')(at);
    await at.button('roomDialogs.cancel').focus();
    await at.press('Enter');
    await assertKept(at, 'the form of a room, given up');
    // Before the page has turned to another room it asks what became of this one.
    scene.expect(/status of 404/);
    await start('roomDialogs.deleteRoom')(at);
    await at.tabTo(question.getByRole('button', { name: at.say('roomDialogs.deleteRoom') }));
    await at.press('Enter');
    await at.page.waitForURL((url) => url.pathname !== `/r/${room.id}`);
    await assertKept(at, 'the room was deleted');
  });

  play('a pill that has led to the newest message leaves the focus in the conversation', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Long');
    await ann.sayAll(room, Array.from({ length: 40 }, (_, index) => `line ${index}\n\nand its second paragraph`));
    const at = await scene.inRoom(ann, room);
    await at.sees('line 39');
    await furnished(at);
    const pill = at.page.getByTestId('jump-latest');
    await eventually(async () => {
      await at.timeline.evaluate((list) => list.scrollTo(0, 0));
      assert.ok(await pill.isVisible());
    });
    await pill.focus();
    await at.press('Enter');
    await pill.waitFor({ state: 'detached' });
    await assertKept(at, 'the newest message');
    await at.holdsFocus(at.page.getByRole('main'));
  });
});
