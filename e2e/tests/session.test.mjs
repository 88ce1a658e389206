/** Sessions and settings: what is ended elsewhere, what is saved, what follows the person. */
import assert from 'node:assert/strict';
import { Client } from '../harness/client.mjs';
import { assertDraftKept, keptAtAll } from '../harness/kept.mjs';
import { eventually, suite } from '../harness/suite.mjs';

suite('sessions', {}, (play) => {
  play('the cookie alone opens the door, without anything this browser remembers', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('By cookie');
    const at = await scene.client(ann, { storageState: { cookies: [], origins: [] } });
    await at.openRoom(room);
    await at.post('the cookie was enough');
  });

  play('a session ended elsewhere asks to log in again on the spot; the draft stays', async (scene) => {
    scene.expect(/status of 401/, /WebSocket connection to .* failed/);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Interrupted');
    const at = await scene.inRoom(ann, room);
    await at.post('before');
    await at.write('a draft worth keeping');
    const beside = new Client(await at.context.newPage(), 'en');
    await beside.openRoom(room);
    await beside.write('another one');
    const others = await ann.call('GET', '/api/auth/sessions');
    for (const one of others.filter((session) => !session.current)) await ann.call('DELETE', `/api/auth/sessions/${one.id}`);
    const dialog = at.page.getByRole('alertdialog', { name: at.say('auth.ended.title') });
    await dialog.waitFor();
    const dialogBeside = beside.page.getByRole('alertdialog', { name: at.say('auth.ended.title') });
    await dialogBeside.waitFor();
    await dialog.getByLabel(at.say('auth.password'), { exact: true }).fill('wrong');
    await dialog.getByRole('button', { name: at.say('auth.login.submit') }).click();
    await dialog.getByText(at.like('auth.problem.badCredentials')).waitFor();
    await dialog.getByLabel(at.say('auth.password'), { exact: true }).fill(ann.password);
    await dialog.getByRole('button', { name: at.say('auth.login.submit') }).click();
    await dialog.waitFor({ state: 'detached' });
    await dialogBeside.waitFor({ state: 'detached' });
    await beside.hasDraft('another one');
    await beside.sees('before');
    await at.hasDraft('a draft worth keeping');
    await at.composer.press('Enter');
    await at.seesOnce('a draft worth keeping');
    assert.equal(await ann.countOf(room, 'a draft worth keeping'), 1);
  });

  play('the list of sessions ends another one, which notices at once', async (scene) => {
    scene.expect(/status of 401/, /WebSocket connection to .* failed/);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Two places');
    const [here, there] = [await scene.client(ann), await scene.inRoom(ann, room)];
    await there.post('I am logged in here');
    await here.page.goto('/settings/account');
    await here.page.getByRole('button', { name: here.like('settings.sessions.endOthers') }).click();
    const ask = here.dialog('settings.sessions.askTitle').or(here.page.getByRole('alertdialog'));
    await ask.getByRole('button', { name: here.say('settings.sessions.askConfirm') }).click();
    await here.text('settings.sessions.othersEnded').waitFor();
    await there.page.getByRole('alertdialog', { name: there.say('auth.ended.title') }).waitFor();
    await there.page.getByRole('button', { name: there.say('auth.ended.other') }).click();
    await there.field('auth.login.username').waitFor();
    assert.equal(await there.page.getByText('I am logged in here').count(), 0, 'nothing of the account stays on the page');
  });

  play('logging out forgets what this device kept', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Secret');
    const at = await scene.inRoom(ann, room);
    await at.post('only for me');
    await at.write('an unsent thought');
    await at.page.reload();
    await at.sees('only for me');
    await at.page.goto('/settings/account');
    await at.button('settings.account.logout').click();
    await at.dialog('ended.leaveTitle').getByRole('button', { name: at.say('deskMenu.logOut') }).click();
    await at.field('auth.login.username').waitFor();
    const left = await keptAtAll(at);
    assert.deepEqual(left.indexed.flat(), []);
    assert.doesNotMatch(left.local, /only for me|unsent|token/);
  });

  play('logging out in one tab empties the others, and logging in fills them', async (scene) => {
    scene.expect(/status of 401/, /WebSocket connection to .* failed/);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Two tabs');
    const at = await scene.inRoom(ann, room);
    await at.post('for my eyes');
    // Words that are still kept as a draft would be asked about.
    await eventually(() => assertDraftKept(at, room));
    const other = await at.context.newPage();
    await other.goto('/settings/account');
    await other.getByRole('button', { name: at.say('settings.account.logout'), exact: true }).click();
    await at.field('auth.login.username').waitFor();
    assert.equal(await at.page.getByText('for my eyes').count(), 0);
    const again = new Client(other, 'en');
    await again.field('auth.login.username').fill(ann.username);
    await again.field('auth.password').fill(ann.password);
    await again.button('auth.login.submit').click();
    await at.sees('for my eyes');
  });

  play('a page that waits for a log-in is let in by another tab, with the draft that was left', async (scene) => {
    scene.expect(/status of 401/, /WebSocket connection to .* failed/);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Both doors');
    const at = await scene.inRoom(ann, room);
    await at.write('left in the middle');
    await eventually(() => assertDraftKept(at, room, 'left in the middle'));
    const other = new Client(await at.context.newPage(), 'en');
    await other.openRoom(room);
    const others = await ann.call('GET', '/api/auth/sessions');
    for (const one of others.filter((session) => !session.current)) await ann.call('DELETE', `/api/auth/sessions/${one.id}`);
    const dialog = other.page.getByRole('alertdialog', { name: other.say('auth.ended.title') });
    await dialog.waitFor();
    await at.page.reload();
    await at.field('auth.login.username').waitFor();
    await dialog.getByLabel(other.say('auth.password'), { exact: true }).fill(ann.password);
    await dialog.getByRole('button', { name: other.say('auth.login.submit') }).click();
    await at.hasDraft('left in the middle');
    await at.composer.press('Enter');
    // What was asked for before the log-in is not believed after it.
    await at.sees('left in the middle');
    await other.sees('left in the middle');
  });

  play('who leaves with words that are not sent is asked first', async (scene) => {
    scene.expect(/status of 401/);
    const ann = await scene.person('ann');
    const room = await ann.createRoom('Goodbye');
    const at = await scene.client(ann);
    const line = await at.line();
    await at.openRoom(room);
    await at.post('before');
    await line.cut();
    await at.send('not sent yet');
    await at.message('not sent yet').getByText(at.say('timeline.queued')).waitFor();
    await at.write('nor this');
    await at.button('app.menu').click();
    await at.page.getByRole('menuitem', { name: at.say('deskMenu.logOut') }).click();
    const question = at.dialog('ended.leaveTitle');
    await question.getByText(at.like('ended.leaveText', { count: 2 })).waitFor();
    await question.getByRole('button', { name: at.say('ui.cancel') }).click();
    await question.waitFor({ state: 'detached' });
    await at.hasDraft('nor this');
    line.mend();
    await at.sees('not sent yet');
    await at.page.goto('/settings/account');
    await at.button('settings.account.logout').click();
    await question.getByText(at.like('ended.leaveText', { count: 1 })).waitFor();
    await question.getByRole('button', { name: at.say('deskMenu.logOut') }).click();
    await at.field('auth.login.username').waitFor();
    assert.equal(new URL(at.page.url()).pathname, '/');
  });

  play('two tabs write in one room, and each finds its own words again', async (scene) => {
    const ann = await scene.person('ann');
    const room = await ann.createRoom('One desk, two windows');
    const at = await scene.inRoom(ann, room);
    const other = new Client(await at.context.newPage(), 'en');
    await other.openRoom(room);
    await at.write('the thought of the first');
    await eventually(() => assertDraftKept(at, room, 'the thought of the first'));
    await other.write('the thought of the second');
    await eventually(() => assertDraftKept(at, room, 'the thought of the second'));
    await at.page.reload();
    await at.timeline.waitFor();
    await eventually(async () => assert.equal(await at.draft(), 'the thought of the first'));
    await other.page.reload();
    await other.timeline.waitFor();
    await eventually(async () => assert.equal(await other.draft(), 'the thought of the second'));
    await other.composer.press('Enter');
    await other.sees('the thought of the second');
    await eventually(() => assertDraftKept(at, room));
    await at.page.reload();
    await at.timeline.waitFor();
    await eventually(async () => assert.equal(await at.draft(), 'the thought of the first'));
    await other.page.reload();
    await other.timeline.waitFor();
    await other.hasDraft('');
  });

  play('when another account logs in in a second tab, the first one shows it, too', async (scene) => {
    scene.expect(/status of (401|409)/, /WebSocket connection to .* failed/);
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Whose page');
    await ben.join(room);
    const at = await scene.inRoom(ann, room);
    await at.post('by ann');
    await at.link('app.settings').click();
    await at.field('settings.profile.displayName').waitFor();
    // The cookie changes hands behind the page's back.
    await at.context.request.post('/api/auth/login', {
      headers: { origin: scene.server.origin },
      data: { username: ben.username, password: ben.password },
    });
    // What it does next over HTTP would be done by ben: it is refused, and the page starts over as his.
    const refused = at.page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.status() === 409);
    await at.field('settings.profile.displayName').fill('Whoever');
    await refused;
    await at.page.getByText(`@${ben.username}`).first().waitFor();
    assert.notEqual((await ben.call('GET', '/api/auth/userinfo')).display_name, 'Whoever');
  });

  play('a login at an address the server does not know says what to set', async (scene) => {
    scene.expect(/status of 401/);
    const ann = await scene.person('ann');
    const at = await scene.visitor();
    await at.page.route('**/api/auth/login', async (route) => {
      const answer = await route.fetch();
      const { 'set-cookie': _lost, ...headers } = answer.headers();
      await at.context.clearCookies();
      await route.fulfill({ response: answer, headers });
    });
    await at.page.goto('/login');
    await at.field('auth.login.username').fill(ann.username);
    await at.field('auth.password').fill(ann.password);
    await at.button('auth.login.submit').click();
    await at.page.getByText('public_url').waitFor();
  });

  play('logging out without a network holds: the server is told when it can be', async (scene) => {
    scene.expect(/ERR_INTERNET_DISCONNECTED|status of 401/, /WebSocket connection to .* failed/);
    const ann = await scene.person('ann');
    const at = await scene.client(ann);
    await at.page.goto('/settings/account');
    await at.button('settings.account.logout').waitFor();
    await at.page.waitForLoadState('networkidle');
    await at.context.setOffline(true);
    await at.button('settings.account.logout').click();
    await at.field('auth.login.username').waitFor();
    await at.context.setOffline(false);
    await at.page.goto('/');
    await at.field('auth.login.username').waitFor();
    const status = await at.page.evaluate(async () => (await fetch('/api/auth/userinfo')).status);
    assert.equal(status, 401, 'the session is over');
  });

  play('who comes in by another cookie does not find what the one before was writing', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Shared machine');
    await ben.join(room);
    const at = await scene.inRoom(ann, room);
    await at.write('about the surprise for ben');
    await at.page.reload();
    await at.hasDraft('about the surprise for ben');
    await at.context.request.post('/api/auth/login', {
      headers: { origin: scene.server.origin },
      data: { username: ben.username, password: ben.password },
    });
    await at.page.reload();
    await at.page.getByRole('link').filter({ hasText: ben.username }).waitFor();
    await at.hasDraft('');
  });

  play('a changed password ends the others and opens the door from then on', async (scene) => {
    scene.expect(/status of (401|403|422)/, /WebSocket connection to .* failed/);
    const ann = await scene.person('ann');
    const at = await scene.client(ann);
    await at.page.goto('/settings/account');
    await at.field('auth.change.current').fill('not it');
    await at.field('auth.change.new').fill('a quite different sentence');
    await at.button('auth.change.submit').click();
    await at.text('auth.problem.passwordWrong').waitFor();
    await at.field('auth.change.current').fill(ann.password);
    await at.field('auth.change.new').fill('a quite different sentence');
    await at.button('auth.change.submit').click();
    await at.text('auth.change.done').waitFor();
    const again = await scene.visitor();
    await again.page.goto('/login');
    await again.field('auth.login.username').fill(ann.username);
    await again.field('auth.password').fill('a quite different sentence');
    await again.button('auth.login.submit').click();
    await again.composer.waitFor();
  });
});

suite('settings', {}, (play) => {
  play('the profile saves itself, and the other sees it without reloading', async (scene) => {
    const [ann, ben] = [await scene.person('ann'), await scene.person('ben')];
    const room = await ann.createRoom('Profiles');
    await ben.join(room);
    await ann.say(room, 'who is this?');
    const bt = await scene.inRoom(ben, room);
    await bt.sees('who is this?');
    const at = await scene.client(ann);
    await at.page.goto('/settings/profile');
    await at.field('settings.profile.displayName').fill('Ann of the Mill');
    await at.field('settings.profile.status').fill('grinding');
    await at.field('settings.profile.bio').fill('I turn grain into flour.');
    await at.text('settings.save.saved').waitFor();
    const stored = await ann.call('GET', '/api/auth/userinfo');
    assert.equal(stored.display_name, 'Ann of the Mill');
    assert.equal(stored.bio, 'I turn grain into flour.');
    await bt.message('who is this?').getByRole('button', { name: 'Ann of the Mill', exact: true }).click();
    const card = bt.page.getByRole('dialog');
    await card.getByText('Ann of the Mill').waitFor();
    await card.getByText('grinding').waitFor();
    await card.getByText('I turn grain into flour.').waitFor();
  });

  play('theme and size apply at once and last', async (scene) => {
    const ann = await scene.person('ann');
    const at = await scene.client(ann);
    await at.page.goto('/settings/appearance');
    const theme = () => at.page.evaluate(() => document.documentElement.dataset.theme);
    const background = () => at.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    assert.equal(await theme(), 'light');
    const paper = await background();
    const told = at.page.waitForResponse((answer) => answer.request().method() === 'PUT');
    await at.page.getByRole('radio', { name: at.say('settings.appearance.themes.dark') }).check({ force: true });
    await eventually(async () => assert.equal(await theme(), 'dark'));
    await eventually(async () => assert.notEqual(await background(), paper));
    await at.page.getByRole('slider').focus();
    await at.press('End');
    await eventually(async () => assert.match(await at.page.evaluate(() => document.documentElement.style.fontSize), /150/));
    await told;
    await at.page.reload();
    await at.page.getByRole('slider').waitFor();
    assert.equal(await theme(), 'dark', 'before the first paint and after a reload');
    assert.equal((await ann.call('GET', '/api/auth/userinfo')).theme, 'dark');

    const elsewhere = await scene.client(ann);
    await elsewhere.page.goto('/settings/appearance');
    await elsewhere.page.getByRole('slider').waitFor();
    await eventually(async () =>
      assert.equal(await elsewhere.page.evaluate(() => document.documentElement.dataset.theme), 'dark', 'the theme follows the person'),
    );
  });

  play('the system decides while the person has not', async (scene) => {
    const ann = await scene.person('ann');
    const at = await scene.client(ann, { colorScheme: 'dark', reducedMotion: 'reduce' });
    await at.page.goto('/settings/appearance');
    await at.page.getByRole('slider').waitFor();
    const theme = () => at.page.evaluate(() => document.documentElement.dataset.theme);
    assert.equal(await theme(), 'dark');
    await at.page.emulateMedia({ colorScheme: 'light' });
    await eventually(async () => assert.equal(await theme(), 'light'));
    const moving = await at.page.evaluate(() =>
      [...document.querySelectorAll('*')]
        .map((one) => getComputedStyle(one))
        .filter((style) => Number.parseFloat(style.transitionDuration) > 0.01 || Number.parseFloat(style.animationDuration) > 0.01).length,
    );
    assert.equal(moving, 0, 'nothing moves for who asked for stillness');
  });
});
