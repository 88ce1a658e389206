/** Two people in two browsers: what one does, the other sees, without reloading. */
import assert from 'node:assert/strict';
import { PASSWORD } from '../harness/api.mjs';
import { Client } from '../harness/client.mjs';
import { eventually, suite } from '../harness/suite.mjs';

/** Two people in one room, each with the page open. */
async function pair(scene, name) {
  const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
  const room = await ann.createRoom(name);
  await ben.join(room);
  const [at, bt] = await Promise.all([scene.inRoom(ann, room), scene.inRoom(ben, room)]);
  return { ann, ben, room, at, bt };
}

suite('two people', {}, (play) => {
  play('a newcomer registers, says hello, and a colleague sees it without reloading', async (scene) => {
    const host = await scene.person('host');
    const lobby = (await host.rooms())[0];
    const open = await scene.inRoom(host, lobby);
    const guest = await scene.visitor();
    await guest.page.goto('/register');
    await guest.field('auth.username').fill('newcomer');
    await guest.field('auth.email').fill('newcomer@example.com');
    await guest.field('auth.password').fill(PASSWORD);
    await guest.button('auth.register.submit').click();
    await guest.composer.waitFor();
    await guest.post('Hello from the newcomer');
    await open.sees('Hello from the newcomer');
    await open.post('Welcome!');
    await guest.sees('Welcome!');
  });

  play('somebody who writes is named in the typing line, until they have written', async (scene) => {
    const { ann, ben, room, at, bt } = await pair(scene, 'Typing');
    // A hint is told once and to whoever listens then: both lines must stand before it, and only then is told what was read.
    await ben.say(room, 'Are you there?');
    await ann.hasRead(room);
    await ann.say(room, 'I am.');
    await ben.hasRead(room);
    await at.composer.pressSequentially('Let me think');
    await bt.text('composer.typing', { first: ann.username }).waitFor();
    await at.composer.press('Enter');
    await bt.sees('Let me think');
    await bt.text('composer.typing').waitFor({ state: 'detached' });
  });

  play('presence: who comes is online, who goes is offline; a second tab keeps one here', async (scene) => {
    const { ann, ben, room, at, bt } = await pair(scene, 'Presence');
    await at.button('rooms.membersButton').click();
    const member = (person) => at.page.getByTestId('member').filter({ hasText: person.username });
    const group = (person) => member(person).locator('xpath=preceding::h3[1]').textContent();
    await member(ben).waitFor();
    await eventually(async () => assert.equal(await group(ben), await group(ann), 'both are online'));
    const tab = await bt.context.newPage();
    await tab.goto(`/r/${room.id}`);
    const second = new Client(tab, 'en');
    // What it says is told by its own line: that stands before the other ends.
    await second.post('two of me');
    await bt.page.close();
    await second.post('still here');
    await at.sees('still here');
    await eventually(async () => assert.equal(await group(ben), await group(ann), 'one tab is left: still online'));
    await tab.close();
    await eventually(async () => assert.notEqual(await group(ben), await group(ann)), { within: 20_000 });
  });

  play('unread is a dot, being named is a number, reading clears both; the title counts', async (scene) => {
    const { ann, ben, room, at } = await pair(scene, 'Counting');
    const aside = await ann.createRoom('Elsewhere');
    await at.room('Elsewhere').click();
    await at.page.waitForURL(`**/r/${aside.id}`);
    await ben.say(room, 'nothing special');
    const entry = at.room('Counting');
    await entry.getByText(at.say('rooms.unread')).waitFor({ state: 'attached' });
    await ben.say(room, `look at this, @${ann.username}`);
    await entry.getByText(at.like('rooms.mentionCount', {})).waitFor({ state: 'attached' });
    await eventually(async () => assert.match(await at.page.title(), /1/));
    await entry.click();
    await at.sees('look at this');
    const named = at.message('look at this');
    assert.equal(await named.getAttribute('data-named'), 'true', 'the row that names me is marked');
    await eventually(async () => assert.equal(await entry.getAttribute('data-unread'), null));
    await eventually(async () => assert.doesNotMatch(await at.page.title(), /\d/));
    await ann.hasRead(room);
  });

  play('badge and title follow an unread mention that is edited away or taken back', async (scene) => {
    const { ann, ben, room, at } = await pair(scene, 'Second thoughts');
    const aside = await ann.createRoom('Elsewhere');
    await at.room('Elsewhere').click();
    await at.page.waitForURL(`**/r/${aside.id}`);
    const badge = at.room('Second thoughts').getByText(at.like('rooms.mentionCount', {}));
    for (const withdraw of [(row) => ben.edit(row, 'never mind'), (row) => ben.recall(row)]) {
      const row = await ben.say(room, `look at this, @${ann.username}`);
      await badge.waitFor({ state: 'attached' });
      await eventually(async () => assert.match(await at.page.title(), /\d/));
      await withdraw(row);
      await badge.waitFor({ state: 'detached' });
      await eventually(async () => assert.doesNotMatch(await at.page.title(), /\d/));
    }
  });

  play('an edit and a recall reach the other', async (scene) => {
    const { at, bt, ann, room } = await pair(scene, 'Edits');
    await at.post('Meeting at tne');
    await bt.sees('Meeting at tne');
    await at.tool('Meeting at tne', 'timeline.edit');
    await at.hasDraft('Meeting at tne');
    await at.send('Meeting at ten');
    await bt.sees('Meeting at ten');
    await bt.message('Meeting at ten').getByText(bt.say('timeline.edited')).waitFor();
    await bt.message('Meeting at tne').waitFor({ state: 'detached' });

    await at.tool('Meeting at ten', 'timeline.recall');
    await at.page.getByRole('dialog').getByRole('button', { name: at.say('timeline.recall'), exact: true }).click();
    await at.text('timeline.recalledByYou').waitFor();
    await bt.text('timeline.recalled').waitFor();
    assert.equal(await bt.count('Meeting at ten'), 0);
    assert.equal(await ann.countOf(room, 'Meeting at ten'), 0, 'the text is gone from the server');
  });

  play('what an edit said is not lost with it: beside the message, and where one is no member any more', async (scene) => {
    scene.expect(/status of (404|409)/);
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Late edits', { is_private: true });
    await ann.call('PUT', `/api/rooms/${room.id}/members/${ben.id}`, { role: 'member' });
    const gone = await ben.say(room, 'Meeting at tne');
    await ben.say(room, 'Lunch at oen');
    const bt = await scene.client(ben);
    const line = await bt.line();
    await bt.openRoom(room);
    await bt.tool('Meeting at tne', 'timeline.edit');
    await bt.write('Meeting at ten, in the yard');
    await ben.recall(gone);
    await bt.text('timeline.recalledByYou').waitFor();
    await bt.composer.press('Enter');
    const refused = bt.page.getByRole('alert').filter({ hasText: 'Meeting at ten, in the yard' });
    await refused.getByRole('button', { name: bt.say('timeline.edit'), exact: true }).click();
    await bt.hasDraft('Meeting at ten, in the yard');
    await bt.composer.press('Enter');
    await bt.sees('Meeting at ten, in the yard');

    await line.cut();
    await bt.tool('Lunch at oen', 'timeline.edit');
    await bt.send('Lunch at one');
    await bt.message('Lunch at one').getByText(bt.say('timeline.queued')).waitFor();
    await ann.call('DELETE', `/api/rooms/${room.id}/members/${ben.id}`);
    line.mend();
    await bt.page.getByTestId('leftovers').getByText('Lunch at one').waitFor();
    await bt.link('app.unsent', { count: 1 }).waitFor();
    await bt.page.getByTestId('leftovers').getByRole('button', { name: bt.say('leftovers.letGo') }).click();
    await bt.link('app.unsent', { count: 1 }).waitFor({ state: 'detached' });
  });

  play('what is not sent yet shows whom it is going to call, as the server then tells it', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Calls');
    await ben.join(room);
    await ann.say(room, 'nobody is called here');
    const at = await scene.client(ann);
    const line = await at.line();
    await at.openRoom(room);
    await at.sees('nobody is called here');
    await at.hasCode('unsent-mentions');
    await line.cut();
    const wanted = [`@${ben.username}`, '@all'];
    const calls = (text) =>
      eventually(async () => assert.deepEqual(await at.message(text).locator('.md-mention').allTextContents(), wanted));
    const text = `hey @${ben.username}, @nobody, \`@${ben.username}\` and @all:`;
    await at.write(`${text} new`);
    await at.composer.press('Enter');
    await at.page.getByRole('dialog').getByRole('button', { name: at.say('composer.everyoneSend') }).click();
    await at.message(': new').getByText(at.say('timeline.queued')).waitFor();
    await calls(': new');
    await at.tool('nobody is called here', 'timeline.edit');
    await at.write(`${text} edited`);
    await at.composer.press('Enter');
    await at.page.getByRole('dialog').getByRole('button', { name: at.say('composer.everyoneSend') }).click();
    await at.message(': edited').getByText(at.say('timeline.queued')).waitFor();
    await calls(': edited');
    line.mend();
    for (const one of [': new', ': edited']) {
      await at.sees(one);
      await calls(one);
    }
  });

  play('who joined while the page was away has a name and a face wherever they show', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const zoe = await scene.person('zoe', { display_name: 'Zo\u00eb Quist' });
    const room = await ann.createRoom('Newcomers');
    await ben.join(room);
    const at = await scene.client(ann);
    const line = await at.line();
    await at.page.goto(`/r/${room.id}?panel=members`);
    await at.page.getByTestId('member').first().waitFor();
    await line.cut();
    await zoe.join(room);
    const words = await zoe.say(room, 'I came while you were away');
    await ben.say(room, 'welcome', { reply_to: words.id });
    line.mend();
    await at.sees('welcome');
    await at.page.locator('.tl-system').filter({ hasText: 'Zo\u00eb Quist' }).waitFor();
    await at.message('I came while you were away').locator('.tl-who').getByText('Zo\u00eb Quist').first().waitFor();
    await at.message('welcome').locator('.tl-quote').getByText('Zo\u00eb Quist').waitFor();
    await at.page.getByTestId('member').filter({ hasText: 'Zo\u00eb Quist' }).waitFor();
    const zt = await scene.inRoom(zoe, room);
    // Typing is told only by a line that stands, as what was read is.
    await zoe.hasRead(room);
    await zt.composer.pressSequentially('let me think');
    await at.page.getByTestId('composer').getByText(/Zo\u00eb Quist/).waitFor();
    await eventually(async () => {
      const faces = await at.page.locator('main [data-letters], aside [data-letters]').evaluateAll((all) => all.map((one) => one.dataset.letters));
      assert.ok(faces.includes('ZQ') && faces.every((letters) => /^[\p{L}\p{N}]/u.test(letters)), `${faces}`);
    });
  });

  play('a reply quotes, and its quote leads back', async (scene) => {
    const { ann, ben, room, at, bt } = await pair(scene, 'Replies');
    await ben.say(room, 'Who takes the night shift?');
    await ann.sayMany(room, Array.from({ length: 70 }, (_, at) => `filler ${at}`));
    await bt.page.reload();
    await bt.sees('filler');
    await bt.page.goto(`/r/${room.id}/m/${(await ben.history(room, 'after=0&limit=10')).find((row) => row.content.startsWith('Who takes')).seq}`);
    await bt.sees('Who takes the night shift?');
    await bt.tool('Who takes the night shift?', 'timeline.reply');
    await bt.composer.waitFor();
    await bt.send('I do');
    await at.sees('I do');
    await at.noteFlashes();
    await at.page.reload();
    const quote = at.message('I do').getByRole('button').filter({ hasText: 'Who takes the night shift?' });
    await quote.click();
    const origin = at.message('Who takes the night shift?').filter({ hasNotText: 'I do' });
    await eventually(async () => assert.equal(await inView(origin), true));
    await at.seesFlash('Who takes the night shift?');
  });

  play('a member is found by typing @ and part of the name', async (scene) => {
    const { ben, at, bt } = await pair(scene, 'Mentions');
    await at.composer.pressSequentially(`@${ben.username.slice(0, 3)}`);
    const option = at.page.getByRole('option').filter({ hasText: ben.username });
    await option.waitFor();
    await at.press('Enter');
    await eventually(async () => assert.equal((await at.draft()).trim(), `@${ben.username}`, 'Enter takes the name, it does not send'));
    await at.composer.pressSequentially('can you look?');
    await at.press('Enter');
    await bt.sees('can you look?');
    assert.equal(await bt.message('can you look?').getAttribute('data-named'), 'true');
  });

  play('a direct conversation begins from the list and comes up at the other', async (scene) => {
    const { ann, ben, at, bt } = await pair(scene, 'Direct');
    await at.button('rooms.startDirect').first().click();
    const dialog = at.page.getByRole('dialog');
    await dialog.getByRole('searchbox').fill(ben.username);
    await dialog.getByRole('button').filter({ hasText: `@${ben.username}` }).click();
    await at.page.getByRole('heading', { level: 1, name: ben.username }).waitFor();
    await at.post('Between the two of us');
    const entry = bt.room(ann.username);
    await entry.waitFor();
    await entry.getByText(bt.like('rooms.unreadCount')).waitFor({ state: 'attached' });
    await entry.click();
    await bt.seesOnce('Between the two of us');
  });
});

function inView(locator) {
  return locator.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    const frame = element.closest('[role=log]').getBoundingClientRect();
    return top >= frame.top && bottom <= frame.bottom;
  });
}
