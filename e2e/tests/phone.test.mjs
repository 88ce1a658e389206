/** 390 × 844, a finger, no mouse. */
import assert from 'node:assert/strict';
import { eventually, PHONE, suite } from '../harness/suite.mjs';

suite('phone', {}, (play) => {
  play('list, room, members, and back again by the browser', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Pocket');
    await ben.join(room);
    await ben.say(room, 'seen on a small screen');
    const at = await scene.client(ann, PHONE);
    await at.page.goto('/');
    await at.room('Pocket').waitFor();
    assert.equal(await at.composer.isVisible().catch(() => false), false, 'the list has the screen for itself');
    await at.room('Pocket').tap();
    await at.sees('seen on a small screen');
    await at.room('Pocket').waitFor({ state: 'hidden' });
    await assertFits(at);

    await at.button('rooms.membersButton').tap();
    await at.page.getByTestId('member').filter({ hasText: ben.username }).waitFor();
    await at.page.waitForURL(/panel=members/);
    await assertFits(at);
    await at.page.goBack();
    await at.page.getByTestId('member').first().waitFor({ state: 'detached' });
    await at.composer.waitFor();
    await at.button('rooms.back').tap();
    await at.room('Pocket').waitFor();
    await assertFits(at);
  });

  play('who opens a room by a finger is not offered to skip to it', async (scene) => {
    const ann = await scene.person('ann');
    await ann.createRoom('Skipped');
    const at = await scene.client(ann, PHONE);
    await at.page.goto('/');
    // What keeps the focus has come with what opens over the page.
    await at.page.waitForFunction(() => document.getElementById('react-aria-pressable-style') !== null);
    await at.room('Skipped').tap();
    await at.composer.waitFor();
    await eventually(async () => {
      const where = await at.page.evaluate(() => document.activeElement?.className ?? '');
      assert.ok(where !== '' && !where.includes('skip'), `the focus is on "${where}"`);
    });
  });

  play('on a phone Enter is a new line and the button sends', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Thumbs');
    const at = await scene.inRoom(ann, room, PHONE);
    await at.composer.tap();
    await at.type('one line');
    await at.press('Enter');
    await at.type('and another');
    await at.hasDraft('one line\nand another');
    await at.page.getByTestId('send').tap();
    await at.sees('and another');
    await at.hasDraft('');
    await assertFits(at);
  });

  play('a finger held on a message brings up what can be done with it', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Hold');
    await ben.join(room);
    await ben.say(room, 'hold me');
    const at = await scene.inRoom(ann, room, PHONE);
    await at.sees('hold me');
    await hold(at, at.message('hold me'));
    const sheet = at.page.getByRole('menu');
    await sheet.waitFor();
    await sheet.getByRole('menuitem', { name: at.like('timeline.reply') }).first().tap();
    await at.text('composer.replyingTo').waitFor();
    await at.write('held');
    await at.page.getByTestId('send').tap();
    await at.sees('held');
    await eventually(async () => {
      const row = (await ann.history(room)).find((one) => one.content === 'held');
      assert.equal(row?.reply_to?.content, 'hold me');
    });
  });

  play('back closes what is open over the page, and only then leaves it', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const [first, second] = [await ann.createRoom('Below'), await ann.createRoom('Elsewhere')];
    await ben.join(first);
    await ben.say(first, 'hold me');
    await ben.join(second);
    const at = await scene.client(ann, PHONE);
    const { page } = at;
    await page.goto('/');
    await at.room('Below').tap();
    await at.sees('hold me');
    const inRoom = page.url();
    const over = page.locator('[role=dialog], [role=menu], [role=alertdialog]');
    const gone = () => over.first().waitFor({ state: 'detached' });

    await hold(at, at.message('hold me'));
    await page.goBack();
    await gone();
    await eventually(() => assert.equal(page.url(), inRoom, 'only the menu is closed'));

    // What follows another takes its step, and is closed by one.
    await hold(at, at.message('hold me'));
    await page.getByRole('menu').getByRole('menuitem', { name: at.say('timeline.recall') }).tap();
    await at.dialog('timeline.recallTitle').waitFor();
    await page.goBack();
    await gone();
    await eventually(() => assert.equal(page.url(), inRoom, 'only the question is closed'));
    await at.seesOnce('hold me');

    // Closed in another way it leaves no step behind.
    await at.message('hold me').locator('.tl-avatar').tap();
    await over.first().waitFor();
    await at.dismiss();
    await at.button('rooms.membersButton').tap();
    await page.getByTestId('member').first().waitFor();
    await page.goBack();
    await page.getByTestId('member').first().waitFor({ state: 'detached' });
    await page.goBack();
    await at.room('Below').waitFor();

    // Where one goes from it, back leads to the page it lay over.
    await page.locator('.desk-jump').tap();
    await page.getByRole('combobox').fill('Elsewhere');
    await page.getByRole('option', { selected: true }).filter({ hasText: 'Elsewhere' }).tap();
    await page.waitForURL(`**/r/${second.id}`);
    await at.timeline.waitFor();
    await page.goBack();
    await at.room('Below').waitFor();
    await gone();
  });

  play('what the page tells covers neither the box one writes in nor its button', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Notices');
    await ann.say(room, 'copy me');
    const at = await scene.inRoom(ann, room, PHONE);
    await at.sees('copy me');
    await at.write('as many lines\n'.repeat(20));
    // By the key: before a slow page has had its menu three times, the first notice has gone again.
    await at.stored('copy me').focus();
    for (let times = 0; times < 3; times += 1) await at.press('c');
    await eventually(async () => {
      assert.equal(await at.page.locator('.ui-toast').count(), 3);
      assert.equal(await at.overlap('.ui-toast', '.cp-box'), false, 'a notice lies over the composer');
    });
    await at.page.getByTestId('send').tap();
    await at.hasDraft('');
  });

  play('the box one writes in is one line, however long the name of the room', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('A name as long as names come in real life, or even longer');
    const at = await scene.inRoom(ann, room, PHONE);
    const height = () => at.composer.evaluate((box) => box.closest('.cp-box').getBoundingClientRect().height);
    await eventually(async () => assert.ok((await height()) < 60, `it is ${await height()} px high`));
    await at.write('one\ntwo\nthree');
    await eventually(async () => assert.ok((await height()) > 80, 'it grows with what is written'));
    await assertFits(at);
  });

  play('a wide table keeps its words whole and scrolls by itself', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Tables');
    const row = (cell) => `|${` ${cell} |`.repeat(8)}`;
    await ann.say(room, [row('heading'), row('---'), row('something')].join('\n'));
    const at = await scene.inRoom(ann, room, PHONE);
    await at.sees('something');
    const { cell, inner, outer } = await at.page.locator('.md-table').evaluate((box) => ({
      cell: box.querySelector('td').getBoundingClientRect().height,
      inner: box.scrollWidth,
      outer: box.clientWidth,
    }));
    assert.ok(cell < 48, `a cell of one word is ${cell} px high`);
    assert.ok(inner > outer, 'what does not fit is scrolled to');
    await assertFits(at);
  });

  play('dialogs fit the screen, whatever is in them', async (scene) => {
    const ann = await scene.person('ann');
    await ann.createRoom('A name as long as names come in real life, or longer', {
      description: 'And a purpose that goes on and on, so that it would need several lines of a small screen to be read',
    });
    const at = await scene.client(ann, PHONE);
    await at.page.goto('/');
    await at.button('app.browse').first().tap();
    const dialog = at.page.getByRole('dialog');
    await dialog.getByText('And a purpose').waitFor();
    await assertFits(at);
    await assertInside(at, dialog);
    await dialog.getByRole('button', { name: at.say('ui.close') }).tap();
    await dialog.waitFor({ state: 'detached' });
    await at.button('rooms.create').first().tap();
    await at.dialog('roomDialogs.createTitle').waitFor();
    await assertInside(at, dialog);
    await at.dismiss();
    await at.page.locator('.desk-jump').tap();
    await at.page.getByRole('option').first().waitFor();
    await assertInside(at, dialog);
  });

  play('a long name sticks out nowhere, and squeezes nothing one touches', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('A room whose name is so long that it cannot possibly fit on one line of a phone');
    await ann.say(room, `a${'word'.repeat(60)} without a break, and a [link](https://example.com/${'path/'.repeat(40)})`);
    await ann.say(room, `\`\`\`\n${'a very long line of code '.repeat(20)}\n\`\`\``);
    await ann.say(room, '| a | table |\n|---|---|\n| with | ' + 'cells '.repeat(40) + ' |');
    const at = await scene.inRoom(ann, room, PHONE);
    await at.sees('without a break');
    await assertFits(at);
    const small = await at.page.evaluate(() =>
      [...document.querySelectorAll('button, a, textarea, input')]
        .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !one.closest('.md, [role=log]'))
        .map((one) => ({ name: one.getAttribute('aria-label') ?? one.textContent, box: one.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 1 && (box.width < 24 || box.height < 24))
        .map(({ name, box }) => `${name}: ${box.width}×${box.height}`),
    );
    assert.deepEqual(small, []);
  });

  play('whatever one taps is as large as a finger', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Fingers');
    await (await scene.person('ben')).join(room);
    await ann.say(room, 'a word');
    const at = await scene.client(ann, PHONE);
    const { page } = at;
    let looked = 0;
    const seen = async () => {
      const all = await page.evaluate(
        ([kinds, finer]) =>
          [...document.querySelectorAll(kinds)]
            .filter((one) => !one.closest(finer) && one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
            .map((one) => ({ name: `${one.className} ${one.ariaLabel ?? one.textContent.slice(0, 30)}`, box: one.getBoundingClientRect() }))
            .filter(({ box }) => box.width > 1)
            .map(({ name, box }) => ({ name, width: Math.round(box.width), height: Math.round(box.height) })),
        // What stands in a message is as small as its words, and the eye of a password lies in its field.
        ['button, a[href], [role=menuitem], [role=option]', '.tl-row, .skip, .ui-input-button, .set-link, .ui-segments'],
      );
      return { count: all.length, small: all.filter(({ width, height }) => width < 44 || height < 44) };
    };
    const look = async (what, ready) => {
      await ready.first().waitFor();
      // What slides in or is still loading has not its size yet.
      await eventually(async () => assert.deepEqual((await seen()).small, [], what));
      looked += (await seen()).count;
    };
    await page.goto('/');
    await look('the list', at.room('Fingers'));
    await at.openRoom(room);
    await look('a room', at.message('a word'));
    await at.button('composer.emoji').tap();
    await look('the emoji', page.getByRole('gridcell'));
    await page.goto(`/r/${room.id}?panel=members`);
    await look('the members', page.getByTestId('member'));
    await page.goto(`/r/${room.id}?panel=details`);
    await look('the details', at.button('roomDialogs.leave'));
    for (const settings of ['profile', 'account', 'appearance', 'keyboard']) {
      await page.goto(`/settings/${settings}`);
      await look(`settings: ${settings}`, page.getByRole('heading', { name: at.say(`settings.pages.${settings}`) }));
    }
    await page.goto('/');
    await at.button('app.browse').first().tap();
    await look('rooms to find', page.getByRole('dialog').getByText('Fingers'));
    assert.ok(looked > 60, `${looked} things were looked at`);
  });
});

/** No sideways scrolling of the page, the dock at the lower edge. */
async function assertFits(client) {
  await eventually(async () => {
    const { width, scroll } = await client.page.evaluate(() => ({
      width: document.documentElement.clientWidth,
      scroll: document.documentElement.scrollWidth,
    }));
    assert.ok(scroll <= width, `the page is ${scroll} wide on a screen of ${width}`);
  });
}

/** Nothing of it can be reached only by luck. */
async function assertInside(client, dialog) {
  await eventually(async () => {
    const outside = await dialog.evaluate((box) =>
      [box, ...box.querySelectorAll('button, input, a')]
        .map((one) => ({ what: one.textContent.slice(0, 40), ...one.getBoundingClientRect().toJSON() }))
        .filter(({ left, right, width }) => width > 0 && (left < 0 || right > innerWidth)),
    );
    assert.deepEqual(outside, []);
  });
}

async function hold(client, locator) {
  // A finger comes down on what stands still.
  await client.calm();
  const { x, y, width, height } = await locator.boundingBox();
  const cdp = await client.context.newCDPSession(client.page);
  const touchPoints = [{ x: x + width / 2, y: y + height / 2 }];
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await client.page.getByRole('menu').waitFor();
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await cdp.detach();
}
