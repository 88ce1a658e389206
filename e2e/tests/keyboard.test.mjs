/** Everything without a mouse. */
import assert from 'node:assert/strict';
import { eventually, PHONE, says, suite } from '../harness/suite.mjs';

suite('keyboard', {}, (play) => {
  play('from the login to the log-out, never the mouse', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const [room, other] = [await ann.createRoom('Atrium'), await ann.createRoom('Zeppelin')];
    await ben.join(room);
    await ben.sayAll(room, ['an older word', 'a newer word']);

    const at = await scene.visitor();
    const { page } = at;
    await page.goto(`/r/${other.id}`);
    await at.hasFocus(at.field('auth.login.username'));
    await at.type(ann.username);
    await at.press('Tab');
    await at.type(ann.password);
    await at.press('Enter');

    // Write: the box has the focus.
    await at.hasFocus(at.composer);
    await at.type('typed, sent, no mouse');
    await at.press('Enter');
    await at.sees('typed, sent, no mouse');

    // Another room by Ctrl+K.
    await at.jump();
    await at.type('atri');
    await page.getByRole('option', { selected: true }).filter({ hasText: 'Atrium' }).waitFor();
    await at.press('Enter');
    await page.waitForURL(`**/r/${room.id}`);
    await at.sees('a newer word');
    await at.press('Alt+ArrowDown');
    await page.waitForURL((url) => url.pathname !== `/r/${room.id}`);
    await at.press('Alt+ArrowUp');
    await page.waitForURL(`**/r/${room.id}`);
    await at.sees('a newer word');

    // ArrowUp in the empty box edits one's last words; Esc gives them up.
    await at.hasFocus(at.composer);
    await at.type('tpyo');
    await at.press('Enter');
    await at.sees('tpyo');
    await at.press('ArrowUp');
    await at.hasDraft('tpyo');
    await at.press('Control+a');
    await at.type('typo');
    await at.press('Enter');
    await at.message('typo').getByText(at.say('timeline.edited')).waitFor();
    await at.press('ArrowUp');
    await at.hasDraft('typo');
    await at.press('Escape');
    await at.hasDraft('');

    // The timeline is one stop; arrows move in it, R answers, Esc goes back.
    await at.tabTo(at.message('typo'), { back: true });
    await at.press('ArrowUp');
    await at.press('ArrowUp');
    const older = at.message('an older word').first();
    await at.hasFocus(older);
    assert.match(await older.getAttribute('aria-label'), new RegExp(ben.username), 'a row says who wrote it');
    await at.press('r');
    await at.hasFocus(at.composer);
    await at.text('composer.replyingTo').waitFor();
    await at.type('an answer');
    await at.press('Enter');
    await at.sees('an answer');
    const quoted = (await ann.history(room)).find((row) => row.content === 'an answer');
    assert.equal(quoted.reply_to.content, 'an older word');
    await at.tabTo(older, { back: true });
    await at.press('Escape');
    await at.hasFocus(at.composer);

    // Settings and out.
    await at.jump();
    await at.type(at.say('app.settings'));
    await page.getByRole('option', { selected: true }).filter({ hasText: at.say('app.settings') }).waitFor();
    await at.press('Enter');
    await page.waitForURL('**/settings**');
    const account = at.link('settings.pages.account');
    await at.tabTo(account);
    await at.press('Enter');
    await page.waitForURL('**/settings/account');
    await at.tabTo(at.button('settings.account.logout'));
    scene.expect(/status of 401/);
    await at.press('Enter');
    await at.field('auth.login.username').waitFor();
    const who = await page.evaluate(() => fetch('/api/auth/userinfo').then((answer) => answer.status));
    assert.equal(who, 401, 'the session has ended');
  });

  play('after a click on a message letters are written and change nothing; by the keyboard they act, and a row is read whole', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Pointer');
    await ann.say(room, 'an old message');
    const at = await scene.inRoom(ann, room);
    const row = at.message('an old message');
    await row.click({ position: { x: 500, y: 8 } });
    await at.hasFocus(row);
    await at.press('Delete');
    assert.equal(await at.page.getByRole('dialog').count(), 0, 'a click arms no key');
    await at.type('reply later, each of us');
    await at.hasDraft('reply later, each of us');
    assert.equal(await at.text('composer.editing').count() + (await at.text('composer.replyingTo').count()), 0);
    await at.page.getByRole('article', { name: /an old message/ }).waitFor();
    await at.tabTo(row, { back: true });
    await at.press('r');
    await at.text('composer.replyingTo').waitFor();
  });

  play('F6 goes round the parts of the page', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Round');
    const at = await scene.inRoom(ann, room);
    await at.composer.focus();
    const part = () => at.page.evaluate(() => document.activeElement?.closest('[data-landmark]')?.tagName);
    await at.press('F6');
    await eventually(async () => assert.equal(await part(), 'NAV'));
    await at.hasFocus(at.room('Round'));
    await at.press('F6');
    await at.hasFocus(at.composer);
    assert.equal(await part(), 'MAIN');
    await at.press('Shift+F6');
    await eventually(async () => assert.equal(await part(), 'NAV'));
  });

  play('on another keyboard a letter is what it says', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Layouts');
    const at = await scene.inRoom(ann, room);
    const keyboard = await at.context.newCDPSession(at.page);
    const stroke = async (key, code) => {
      const one = { modifiers: 2, key, code, windowsVirtualKeyCode: key.toUpperCase().charCodeAt(0) };
      await keyboard.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...one });
      await keyboard.send('Input.dispatchKeyEvent', { type: 'keyUp', ...one });
    };
    // The code for it is fetched, so that what a stroke must not do would be done at once.
    await at.press('Control+/');
    await at.dialog('keys.title').waitFor();
    await at.dismiss();
    await at.write('words');
    await at.press('Control+a');
    await at.press('Control+b');
    await at.hasDraft('**words**');
    await at.press('Control+b');
    await at.hasDraft('words');
    await stroke('c', 'KeyI'); // Dvorak
    assert.equal(await at.draft(), 'words');
    await stroke('-', 'Slash'); // German
    assert.equal(await at.page.getByRole('dialog').count(), 0);
    await stroke('и', 'KeyB'); // Russian
    await at.hasDraft('**words**');
    await stroke('.', 'KeyE'); // Dvorak
    await at.page.waitForURL(/panel=/);
  });

  play('Enter sends what only looks like the name of an emoji', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Colons');
    const at = await scene.inRoom(ann, room);
    await at.composer.click();
    for (const text of ['use std::move', '2001:db8::face', '地址:home']) {
      await at.type(text);
      await at.press('Enter');
      await at.sees(text);
    }
  });

  play('what an input method commits names the one it says', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Names committed');
    const [ben, zoe] = [await scene.person('ben'), await scene.person('zoe')];
    for (const one of [ben, zoe]) await one.join(room);
    const at = await scene.inRoom(ann, room);
    await at.composer.click();
    await at.type('@');
    await at.page.getByRole('option').filter({ hasText: ben.username }).waitFor();
    // As by a click on a candidate: the text comes with no key, and the caret is told of by nothing else.
    await at.composer.evaluate((box) => box.addEventListener('select', (event) => event.stopPropagation()));
    await at.page.evaluate(() => document.addEventListener('selectionchange', (event) => event.stopImmediatePropagation(), true));
    await at.page.keyboard.insertText('zo');
    await at.page.getByRole('option', { selected: true }).filter({ hasText: zoe.username }).waitFor();
    await at.press('Enter');
    await eventually(async () => assert.equal((await at.draft()).trim(), `@${zoe.username}`));
  });

  play('Shift+Enter is a new line, Ctrl+B makes bold, Esc leaves a reply', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Formatting');
    const at = await scene.inRoom(ann, room);
    await at.composer.focus();
    await at.type('first');
    await at.press('Shift+Enter');
    await at.type('second');
    await at.hasDraft('first\nsecond');
    await at.press('Shift+Home');
    await at.press('Control+b');
    // The code that formats may come a moment after the first key.
    await at.hasDraft('first\n**second**');
    // The same key takes it off again.
    await at.press('Control+b');
    await at.hasDraft('first\nsecond');
    await at.press('Control+b');
    await at.hasDraft('first\n**second**');
    await at.press('Enter');
    await at.sees('second');
    assert.equal(await at.message('second').locator('strong').textContent(), 'second');
    await at.press('Shift+Tab');
    await at.tabTo(at.message('second'), { back: true });
    await at.press('r');
    await at.text('composer.replyingTo').waitFor();
    await at.press('Escape');
    await at.text('composer.replyingTo').waitFor({ state: 'detached' });
  });

  play('a new line comes by whatever keys one has chosen for it, where the caret is', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('New lines');
    const at = await scene.client(ann);
    await at.page.addInitScript(() => localStorage.setItem('chinwag.keys', JSON.stringify({ 'composer.newline': 'Mod+J' })));
    await at.openRoom(room);
    await at.composer.click();
    await at.type('first, last');
    for (let letter = 0; letter < 'last'.length; letter += 1) await at.press('ArrowLeft');
    await at.press('Control+j');
    await at.hasDraft('first, \nlast');
    await at.press('Control+z');
    await at.hasDraft('first, last');
  });

  play('in a block of code Enter is a new line; Ctrl+Enter, or the end of the block, lets it go', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Code');
    const at = await scene.inRoom(ann, room);
    await at.composer.click();
    await at.type('```js');
    await at.press('Enter');
    await at.type('let a = 1;');
    await at.text('composer.sendHint').waitFor();
    await at.press('Control+Enter');
    await at.sees('let a = 1;');
    await at.type('```');
    await at.press('Enter');
    await at.type('let b = 2;');
    await at.press('Enter');
    await at.type('```');
    await at.press('Enter');
    await at.sees('let b = 2;');
    await at.hasDraft('');
    assert.equal(await ann.countOf(room, '```\nlet b = 2;\n```'), 1);
  });

  play('the name of an emoji between colons becomes the emoji', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Names');
    const at = await scene.inRoom(ann, room);
    await at.composer.click();
    await at.type('well done :tada:');
    await at.hasDraft('well done 🎉');
    await at.type(' at 10:30: :nosuchthing:');
    await at.press('Enter');
    await at.sees('well done 🎉 at 10:30: :nosuchthing:');
  });

  play('the name of an emoji that was written before the code for it had come becomes the emoji, too', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Names before code');
    const at = await scene.client(ann);
    let come;
    const coming = new Promise((resolve) => {
      come = resolve;
    });
    await at.page.route(/\/assets\/completion-[\w-]+\.js/, async (route) => {
      await coming;
      await route.fallback();
    });
    await at.openRoom(room);
    await at.composer.click();
    await at.type('well done :tada:');
    come();
    await at.hasDraft('well done 🎉');
    await at.page.reload();
    await at.hasDraft('well done 🎉');
  });

  play('an address pasted over words makes them a link', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Links');
    const at = await scene.inRoom(ann, room);
    await at.write('see the sheet');
    await at.composer.evaluate((box) => box.setSelectionRange(4, 13));
    await at.page.evaluate(() => navigator.clipboard.writeText('https://example.com/sheet'));
    await at.press('Control+v');
    await at.hasDraft('see [the sheet](https://example.com/sheet)');
  });

  play('Esc with nothing to cancel goes to the latest', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Far up');
    await ben.join(room);
    await ann.sayAll(room, Array.from({ length: 40 }, (_, index) => `line ${index}\n\nand its second paragraph`));
    const at = await scene.inRoom(ann, room);
    await at.sees('line 39');
    const pill = at.page.getByTestId('jump-latest');
    // A room that is still coming to rest at its end takes the first step back.
    await eventually(async () => {
      await at.timeline.evaluate((list) => list.scrollTo(0, 0));
      assert.ok(await pill.isVisible(), 'the end is out of sight');
    });
    await at.composer.focus();
    await at.press('Escape');
    await pill.waitFor({ state: 'detached' });
    await at.sees('line 39');
  });

  play('dialogs hold the focus and give it back', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Focus');
    const at = await scene.inRoom(ann, room);
    const opener = at.button('rooms.create').first();
    await opener.focus();
    await at.press('Enter');
    const dialog = at.page.getByRole('dialog');
    await at.holdsFocus(dialog);
    for (let step = 0; step < 12; step += 1) {
      await at.press('Tab');
      assert.equal(await dialog.evaluate((box) => box.contains(document.activeElement)), true, 'Tab stays inside');
    }
    await at.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await at.hasFocus(opener);
    await at.press('Control+/');
    await at.dialog('keys.title').waitFor();
    await at.dismiss();
  });

  play('Shift+Esc marks every room as read, and leaves the draft alone', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const [here, one, other] = [await ann.createRoom('Here'), await ann.createRoom('One'), await ann.createRoom('Other')];
    const at = await scene.inRoom(ann, here);
    for (const room of [one, other]) {
      await ben.join(room);
      await ben.say(room, `news for @${ann.username}`);
    }
    for (const name of ['One', 'Other']) await at.page.locator(`[data-unread]`).filter({ hasText: name }).waitFor();
    await at.write('half a thought');
    await at.press('Shift+Escape');
    await at.page.locator('[data-unread]').first().waitFor({ state: 'detached' });
    assert.equal(await at.draft(), 'half a thought');
    await ann.hasRead(one);
    await ann.hasRead(other);
  });

  play('Esc closes what is still sliding in, at once', async (scene) => {
    const ann = await scene.person('ann');
    const at = await scene.client(ann, PHONE);
    await at.page.goto('/');
    const animations = await at.context.newCDPSession(at.page);
    await animations.send('Animation.enable');
    await animations.send('Animation.setPlaybackRate', { playbackRate: 0.001 });
    await at.button('rooms.create').first().tap();
    await at.dialog('roomDialogs.createTitle').waitFor();
    await at.dismiss();
    await at.page.locator('.ui-scrim').waitFor({ state: 'detached' });
  });

  play('the list of rooms is as wide as one draws it, by pointer or by keys, also next time', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Width');
    const at = await scene.inRoom(ann, room);
    const edge = at.page.getByRole('separator', { name: at.say('app.deskEdge') });
    const width = () => at.page.getByRole('navigation').first().evaluate((desk) => Math.round(desk.getBoundingClientRect().width));
    const is = (wanted) =>
      eventually(async () => {
        assert.equal(await width(), wanted);
        assert.equal(await edge.getAttribute('aria-valuenow'), String(wanted));
      });
    await is(272);
    await at.tabTo(edge);
    await at.press('ArrowRight');
    await is(288);
    await at.press('End');
    await is(400);
    await at.press('ArrowRight');
    await is(400);
    await at.press('Home');
    await is(220);
    const box = await edge.boundingBox();
    await at.page.mouse.move(box.x + box.width / 2, box.y + 100);
    await at.page.mouse.down();
    await at.page.mouse.move(330, box.y + 140, { steps: 3 });
    await at.page.mouse.up();
    await is(330);
    await at.page.reload();
    await is(330);
    await edge.dblclick({ position: { x: 6, y: 200 } });
    await is(272);
  });

  play('an action is given other keys without the mouse; the help, the desk and the keys themselves follow', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Locksmith');
    const at = await scene.inRoom(ann, room);
    const { page } = at;
    const key = (name) => page.locator(`[data-key="${name}"]`);
    const keysShown = (name, shown) =>
      eventually(async () => assert.equal(await key(name).locator('.ui-keys').innerText().then((text) => text.replaceAll(/\s/g, '')), shown));
    const refused = (why, keys) => page.getByRole('alert').filter({ hasText: at.like(`settings.keyboard.refused.${why}`, keys) }).waitFor();
    await page.goto('/settings/keyboard');
    await at.tabTo(key('page.jump'));
    await at.press('Enter');
    await at.press('Control+t');
    await refused('reserved', { keys: 'Ctrl+T' });
    await at.press('Control+b');
    await refused('taken', { keys: 'Ctrl+B', label: at.say('keys.action.bold') });
    await at.press('j');
    await refused('alone', { keys: 'J', command: 'Ctrl', alt: 'Alt' });
    await at.press('Escape');
    await keysShown('page.jump', 'Ctrl+K');
    await at.press('Enter');
    await at.press('Control+j');
    await keysShown('page.jump', 'Ctrl+J');
    await at.tabTo(key('composer.bold'));
    await at.press('Enter');
    await at.press('Control+;');

    // It holds after a reload, and everywhere.
    await page.goto(`/r/${room.id}`);
    await at.composer.waitFor();
    await at.press('Control+k');
    await at.press('Control+j');
    await at.hasFocus(page.getByRole('combobox'));
    await at.dismiss();
    await says(page.locator('.desk-jump'), /Ctrl\s*\+?\s*J$/);
    await at.composer.focus();
    await at.type('loud');
    await at.press('Control+a');
    await at.press('Control+;');
    await at.hasDraft('**loud**');
    await at.press('Control+/');
    const jump = at.dialog('keys.title').locator('dl > div').filter({ hasText: at.say('keys.action.jump') });
    await says(jump, /Ctrl\s*\+?\s*J$/);
    await at.dismiss();

    // One goes back by itself, then all.
    await page.goto('/settings/keyboard');
    await at.tabTo(at.button('settings.keyboard.reset', { label: at.say('keys.action.jump') }));
    await at.press('Enter');
    await keysShown('page.jump', 'Ctrl+K');
    await at.hasFocus(key('page.jump'));
    await keysShown('composer.bold', 'Ctrl+;');
    await at.button('settings.keyboard.resetAll').press('Enter');
    await keysShown('composer.bold', 'Ctrl+B');
    await at.button('settings.keyboard.resetAll').waitFor({ state: 'detached' });
  });
});
